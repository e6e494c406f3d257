import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { capture, send } from '../flow/helpers/capture.ts';
import { answered, createThinker, PLATFORM_NAMES, type PlatformName } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { type SharedServices, startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { type Collector, startCollector } from './collector.ts';
import type { CollectedSpan } from './otlp.ts';

/** One trace per question, from the webhook to the last call of the platform, through real processes to a real endpoint. */
const cleanup = createCleanup();
const thinker = createThinker();
const KEY = 'key-for-the-traces';
let world: World;
let shared: SharedServices;
let collector: Collector;
let gateway: TestHub;
let workers: TestHub[];

vi.setConfig({ testTimeout: 120_000 });

async function startRole(role: 'gateway' | 'worker', env: Record<string, string> = {}): Promise<TestHub> {
  const hub = await startHub({
    role,
    config: {
      ...world.config({
        tenant: { cache: {} },
        guard: [{ tenant: 'acme', mask: ['email'] }],
        apiKeys: [{ id: 'web', tenant: 'acme', key: KEY }],
      }),
    },
    env: {
      ...shared.env,
      HOST: '127.0.0.1',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      // Each role another encoding, so that every test decodes both.
      OTEL_EXPORTER_OTLP_PROTOCOL: role === 'gateway' ? 'http/json' : 'http/protobuf',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-secret',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...env,
    },
  });
  cleanup.add({ stop: () => hub.kill().then(hub.stop) });
  return hub;
}

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply } }));
  shared = cleanup.add(await startSharedServices());
  collector = cleanup.add(await startCollector());
  expect((await runCommand(['migrate'], shared.folder, shared.env)).code).toBe(0);
  [gateway, ...workers] = await Promise.all([startRole('gateway'), startRole('worker')]);
  world.connect(gateway.url);
});
afterAll(() => cleanup.run());
afterEach(() => thinker.speak());

const turnsOf = (spans: CollectedSpan[]) => spans.filter(({ name }) => name === 'turn');

/** Asks, waits for the answer and its whole trace; resolves with the spans that came for it. */
async function traceOf(platform: PlatformName, chat: string, text: string): Promise<CollectedSpan[]> {
  const before = new Set(collector.spans.map(({ traceId }) => traceId));
  await world[platform].say({ chat, text });
  await answered(world[platform], chat, text);
  const traceId = await until('the end of the trace', () => {
    const ended = turnsOf(collector.spans).find((span) => !before.has(span.traceId));
    const began = collector.spans.find((span) => span.traceId === ended?.traceId && span.name === 'receive');
    return began?.traceId;
  });
  const all = collector.spans.map((span) => span.traceId).filter((id) => !before.has(id));
  expect([...new Set(all)]).toEqual([traceId]);
  return collector.of(traceId);
}

/** The names of the spans under each name: the shape of the tree. */
function shapeOf(spans: CollectedSpan[]): Record<string, string[]> {
  const nameOf = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const shape: Record<string, string[]> = {};
  for (const { name, parentSpanId } of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const parent = parentSpanId === '' ? '' : (nameOf.get(parentSpanId) ?? 'unknown');
    shape[parent] = [...new Set([...(shape[parent] ?? []), name])];
  }
  return shape;
}

describe.each(PLATFORM_NAMES)('%s', (platform) => {
  test('one trace per question: gateway, mailbox, worker and platform, each under the other', async () => {
    const spans = await traceOf(platform, 'first', 'what is a trace, bob@example.com?');
    const { '': roots, receive, publish, turn = [], ...rest } = shapeOf(spans);
    expect({ roots, receive, publish, rest }).toEqual({
      roots: ['receive'],
      receive: ['publish'],
      publish: ['mailbox', 'turn'],
      rest: {},
    });
    expect(turn).toEqual(expect.arrayContaining(['guard', 'quota', 'chat gpt-sim', 'settle', 'send']));
    expect(turn.at(-1)).toBe('send');
    const byName = new Map(spans.map((span) => [span.name, span]));
    expect(byName.get('receive')).toMatchObject({ service: 'parley-gateway', kind: 2, isError: false });
    expect(byName.get('publish')).toMatchObject({ service: 'parley-gateway', kind: 4 });
    expect(byName.get('turn')).toMatchObject({
      service: 'parley-worker',
      kind: 5,
      attributes: { 'parley.tenant': 'acme', 'parley.platform': platform, 'parley.attempt': 1 },
    });
    expect(byName.get('send')).toMatchObject({ kind: 3, isError: false });
    // Nobody waits for the indicator: it may come after the turn.
    const typing = await until('the indicator', () =>
      collector.of(byName.get('turn')?.traceId ?? '').find(({ name }) => name === 'typing'),
    );
    expect(typing).toMatchObject({ kind: 3, parentSpanId: byName.get('turn')?.spanId });
    for (const { startMs, endMs, name } of spans)
      expect({ name, took: endMs - startMs >= 0 }).toEqual({ name, took: true });
  });

  test('a second question of the same conversation has a trace of its own', async () => {
    const before = collector.spans.length;
    thinker.think();
    await world[platform].say({ chat: 'two', text: `ponder ${platform}` });
    await world[platform].say({ chat: 'two', text: `then ${platform}` });
    // The one wake job of both is neither's trace.
    thinker.speak();
    await answered(world[platform], 'two', `then ${platform}`);
    const turns = await until('both turns', () => {
      const ended = turnsOf(collector.spans.slice(before));
      return ended.length === 2 ? ended : undefined;
    });
    const traces = turns.map(({ traceId }) => traceId);
    expect(new Set(traces).size).toBe(2);
    for (const traceId of traces) {
      await until('its beginning', () => collector.of(traceId).some(({ name }) => name === 'receive'));
      expect(collector.of(traceId).filter(({ name }) => name === 'chat gpt-sim')).toHaveLength(1);
    }
  });
});

test('a call to a model says what the GenAI conventions want, and nothing of what was said', async () => {
  const spans = await traceOf('slack', 'genai', 'tell me a secret about moonshine');
  const call = spans.find(({ name }) => name === 'chat gpt-sim');
  expect(call).toMatchObject({
    kind: 3,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-sim',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'server.address': '127.0.0.1',
    },
  });
  expect(
    Object.keys(call?.attributes ?? {}).filter((name) => /message|prompt|completion|instruction/.test(name)),
  ).toEqual([]);
});

test('nothing that anybody wrote, and no secret, is in any byte that was sent', () => {
  const { text } = collector;
  expect(collector.encodings).toEqual(new Set(['application/json', 'application/x-protobuf']));
  expect(text).toContain('parley.request_id');
  const secrets = world.config().channels.flatMap(({ credentials }) => Object.values<string>(credentials));
  expect(secrets.length).toBeGreaterThan(5);
  const words = ['what is a trace', 'bob@example.com', 'moonshine', 'ponder', 'answer to', 'earlier messages'];
  for (const word of [...words, ...secrets, 'sk-sim', KEY, 'collector-secret', shared.env.PARLEY_MASTER_KEY])
    expect({ word, isThere: text.includes(word) }).toEqual({ word, isThere: false });
});

test('the log line names the trace, and a bucket of the latencies does', async () => {
  const spans = await traceOf('telegram', 'logged', 'where is my trace?');
  const [turn] = turnsOf(spans);
  const [worker] = workers;
  const line = worker?.logs.find((entry) => entry.request_id === turn?.attributes['parley.request_id']);
  expect(line).toMatchObject({ msg: 'turn finished', trace_id: turn?.traceId });
  const { stdout } = await until('the turn in the database', async () => {
    const why = await runCommand(['why', String(line?.request_id)], shared.folder, shared.env);
    return why.code === 0 ? why : undefined;
  });
  expect(stdout).toContain(turn?.traceId);

  const metrics = async (hub: TestHub | undefined, accept: string) => {
    const response = await fetch(`${hub?.url}/metrics`, { headers: { accept } });
    return { type: response.headers.get('content-type'), text: await response.text() };
  };
  const open = await metrics(worker, 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
  expect(open.type).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
  const exemplars = [...open.text.matchAll(/^(\w+)_bucket\{.*# \{trace_id="([0-9a-f]{32})"\}/gm)];
  const known = new Set(collector.spans.map(({ traceId }) => traceId));
  expect(exemplars.filter(([, , traceId = '']) => !known.has(traceId))).toEqual([]);
  expect(new Set(exemplars.map(([, name]) => name))).toEqual(
    new Set([
      'parley_turn_duration_seconds',
      'parley_turn_phase_seconds',
      'parley_own_time_seconds',
      'parley_first_visible_seconds',
      'parley_governor_wait_seconds',
      'parley_model_duration_seconds',
      'parley_model_first_token_seconds',
    ]),
  );
  expect(open.text).toMatch(/# \{trace_id="[0-9a-f]{32}"\} \S+ \d+(\.\d+)?\n/);
  expect(open.text.endsWith('# EOF\n')).toBe(true);
  expect((await metrics(gateway, 'application/openmetrics-text')).text).toMatch(
    /^parley_webhook_duration_seconds_bucket.*trace_id/m,
  );
  // Asked for the plain text afterwards, the counters still have their names.
  const plain = await metrics(worker, 'text/plain');
  expect(plain.type).toMatch(/^text\/plain; version=0\.0\.4/);
  for (const text of [open.text, plain.text]) expect(text).toMatch(/^parley_model_calls_total\{/m);
  expect(plain.text).not.toContain('trace_id');
});

test('what is delivered twice has one trace', async () => {
  const call = await capture(world.slack, { chat: 'twice', text: 'once or twice?' });
  const before = collector.spans.length;
  for (let i = 0; i < 2; i++) expect((await send(`${gateway.url}/webhooks/slack/slack`, call)).status).toBe(200);
  world.connect(gateway.url);
  await answered(world.slack, 'twice', 'once or twice');
  await until('the turn', () => turnsOf(collector.spans.slice(before)).length > 0);
  // Whatever else there were would have been sent before a later question's beginning.
  await traceOf('telegram', 'after twice', 'and now?');
  const receipts = collector.spans.slice(before).filter(({ name }) => name === 'receive');
  expect(receipts.map(({ attributes }) => attributes['parley.platform'])).toEqual(['slack', 'telegram']);
});

describe('the chat API', () => {
  const ask = (headers: Record<string, string>, body: object = {}) =>
    fetch(`${gateway.url}/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...headers },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'over the API' }], ...body }),
    });

  test.each([false, true])("goes on with the caller's trace (stream: %s)", async (stream) => {
    const traceId = `${stream ? 'b' : 'a'}`.repeat(32);
    const parent = 'c'.repeat(16);
    await (await ask({ traceparent: `00-${traceId}-${parent}-01`, tracestate: 'vendor=1' }, { stream })).text();
    await until('the request', () => collector.of(traceId).some(({ kind }) => kind === 2));
    // The caller does not wait for it.
    await until('its settlement', () => collector.of(traceId).some(({ name }) => name === 'settle'));
    const spans = collector.of(traceId);
    const request = spans.find(({ name }) => name === 'POST /v1/chat');
    expect(request).toMatchObject({
      parentSpanId: parent,
      attributes: { 'http.route': '/v1/chat', 'http.response.status_code': 200, 'parley.status': 'success' },
    });
    const inside = spans.filter(({ parentSpanId }) => parentSpanId === request?.spanId).map(({ name }) => name);
    expect(inside).toEqual(expect.arrayContaining(['guard', 'cache', 'quota', 'settle']));
    await until('its line', () =>
      gateway.logs.some(({ msg, trace_id }) => msg === 'turn finished' && trace_id === traceId),
    );
  });

  test('one that the caller does not record is not recorded here; a broken header is none; strangers begin none', async () => {
    const quiet = 'd'.repeat(32);
    await (await ask({ traceparent: `00-${quiet}-${'c'.repeat(16)}-00` })).text();
    const stranger = 'e'.repeat(32);
    const traceparent = `00-${stranger}-${'c'.repeat(16)}-01`;
    expect((await ask({ authorization: 'Bearer nobody', traceparent })).status).toBe(401);
    const before = collector.spans.length;
    await (await ask({ traceparent: 'nonsense' })).text();
    const own = await until('a trace of its own', () =>
      collector.spans.slice(before).find(({ name, parentSpanId }) => name === 'POST /v1/chat' && parentSpanId === ''),
    );
    expect(own.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect([...collector.of(quiet), ...collector.of(stranger)]).toEqual([]);
  });
});

test('kill -9 of a worker in mid-answer: the next one goes on in the same trace', async () => {
  const [first] = workers;
  thinker.think();
  const before = collector.spans.length;
  await world.slack.say({ chat: 'killed', text: 'ponder this' });
  const begun = await until('the question at the model', () =>
    world.openai.requests.some(({ body }) => JSON.stringify(body).includes('ponder this')),
  );
  expect(begun).toBe(true);
  workers = [await startRole('worker')];
  await first?.kill();
  thinker.speak();
  await answered(world.slack, 'killed', 'ponder this', 60_000);
  const [turn] = await until('the turn', () => {
    const ended = turnsOf(collector.spans.slice(before));
    return ended.length > 0 ? ended : undefined;
  });
  expect(turn?.attributes).toMatchObject({ 'parley.attempt': 2, 'parley.ended': 'completed' });
  const spans = collector.of(turn?.traceId ?? '');
  const publish = spans.find(({ name }) => name === 'publish');
  expect(turn?.parentSpanId).toBe(publish?.spanId);
  expect(spans.find(({ name }) => name === 'receive')).toMatchObject({ parentSpanId: '', service: 'parley-gateway' });
  // The dead worker's turn went with it; steps of it that had been sent stand in the trace without it.
  const { unknown: orphans = [], publish: below = [], turn: steps = [] } = shapeOf(spans);
  expect(orphans.every((name) => ['guard', 'cache', 'quota', 'open', 'preview', 'typing'].includes(name))).toBe(true);
  expect(below).toContain('turn');
  expect(steps).toEqual(expect.arrayContaining(['chat gpt-sim', 'send']));
});

test('a worker that dies between the answer and its sending: the next one sends, in the same trace, and asks no model', async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
  const before = collector.spans.length;
  const doomed = await startRole('worker', { PARLEY_TEST_CRASH_AT: 'worker:recorded' });
  await world.telegram.say({ chat: 'recorded', text: 'only once' });
  await until('its end', () => doomed.process.signalCode !== null);
  workers = [await startRole('worker')];
  await answered(world.telegram, 'recorded', 'only once', 60_000);
  const [turn] = await until('the turn', () => {
    const ended = turnsOf(collector.spans.slice(before));
    return ended.length > 0 ? ended : undefined;
  });
  expect(turn?.attributes).toMatchObject({ 'parley.resumed': true, 'parley.status': 'success' });
  const inside = collector.spans.filter(({ parentSpanId }) => parentSpanId === turn?.spanId).map(({ name }) => name);
  expect(inside).toContain('send');
  expect(inside.filter((name) => name.startsWith('chat '))).toEqual([]);
  expect(collector.of(turn?.traceId ?? '').some(({ name }) => name === 'receive')).toBe(true);
});

test('a platform that refuses: the send is an error with its code, and the turn goes on', async () => {
  const restore = world.slack.misbehave({ times: 1, action: { kind: 'status', status: 500 } });
  const spans = await traceOf('slack', 'refused', 'try again');
  restore();
  const failed = spans.filter(({ isError }) => isError);
  expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual(['platform_unavailable']);
});
