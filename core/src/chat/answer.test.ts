import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ModelConfig, modelSchema, tenantSchema } from '../config/index.ts';
import { type ErrorCode, ParleyError } from '../errors/index.ts';
import { createPool } from '../pool/index.ts';
import type { ModelCall, ModelRequest, Usage } from '../provider/types.ts';
import { answer } from './answer.ts';
import { modelChain } from './chain.ts';
import type { AnswerEvent, AnswerRequest, ModelAttempt } from './types.ts';

type Script = (call: ModelCall, request: ModelRequest) => ErrorCode | { shown: string; code: ErrorCode } | string[];

const USAGE: Usage = { inputTokens: 1, outputTokens: 2, cachedInputTokens: 0, estimated: false };

// The deadline is for the rounds: a busy machine must not use it up within one.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** Answers with a scripted provider: an array is streamed, a code is thrown. */
function scene(
  models: object[],
  script: Script,
  { preferredModel, ...over }: Partial<AnswerRequest> & { preferredModel?: string } = {},
  tenant: object = {},
) {
  const configs = models.map((model) => modelSchema.parse({ provider: 'openai', keys: ['k0'], ...model }));
  const calls: { model: string; keyIndex: number; baseUrl: string | undefined; messages: number }[] = [];
  const attempts: ModelAttempt[] = [];
  async function* stream(request: ModelRequest, call: ModelCall) {
    const { model, baseUrl, apiKey = '' } = call;
    calls.push({ model: model.id, keyIndex: model.keys.indexOf(apiKey), baseUrl, messages: request.messages.length });
    const played = script(call, request);
    if (typeof played === 'string') throw new ParleyError(played, played);
    for (const text of Array.isArray(played) ? played : [played.shown]) yield { type: 'delta' as const, text };
    if (!Array.isArray(played)) throw new ParleyError(played.code, played.code);
    yield { type: 'finish' as const, reason: 'stop' as const, usage: USAGE };
  }
  const logger = pino({ level: 'silent' });
  const of = tenantSchema.parse({ id: 't', models: configs.map(({ id }) => id), ...tenant });
  const byId = new Map<string, ModelConfig>(configs.map((model) => [model.id, model]));
  const events = answer(
    {
      requestId: 'r1',
      tenant: of,
      chain: modelChain({ tenant: of, preferredModel }, byId),
      affinity: 'c',
      // No second round: each test says what it expects of one.
      deadlineAt: Date.now() + 100,
      history: [],
      question: 'hello',
      signal: new AbortController().signal,
      ...over,
    },
    {
      pool: createPool({ logger, random: () => 0.5 }),
      providerFor: () => ({ stream }),
      logger,
      onAttempt: (attempt) => attempts.push(attempt),
    },
  );
  return { events, calls, attempts };
}

async function all(events: AsyncIterable<AnswerEvent>): Promise<AnswerEvent[]> {
  const collected: AnswerEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

const failing = (code: ErrorCode) => () => code;

test('streams deltas, then one done', async () => {
  const { events, attempts } = scene([{ id: 'a' }], () => ['Hel', 'lo']);
  expect(await all(events)).toEqual([
    { type: 'delta', text: 'Hel' },
    { type: 'delta', text: 'lo' },
    { type: 'done', text: 'Hello', model: 'a', usage: USAGE, attempts: 1, finishReason: 'stop' },
  ]);
  expect(attempts).toMatchObject([
    { model: 'a', keyIndex: 0, status: 'success', firstTokenMs: expect.any(Number), usage: USAGE },
  ]);
});

test.each<ErrorCode>([
  'model_rate_limited',
  'model_overloaded',
  'model_auth',
  'model_out_of_money',
  'model_timeout',
  'model_bad_response',
  'model_context_too_long',
  'invalid_config',
  'internal',
])('%s of the first model: the second answers', async (code) => {
  const { events, attempts } = scene([{ id: 'a' }, { id: 'b' }], ({ model }) => (model.id === 'a' ? code : ['ok']));
  expect((await all(events)).at(-1)).toMatchObject({ type: 'done', model: 'b', attempts: 2 });
  expect(attempts).toMatchObject([
    { model: 'a', status: 'failed', errorCode: code },
    { model: 'b', status: 'success' },
  ]);
});

test.each<ErrorCode>(['model_content_filtered', 'model_invalid_request', 'model_aborted'])(
  '%s: no other model is asked',
  async (code) => {
    const { events, calls } = scene([{ id: 'a', keys: ['k0', 'k1'] }, { id: 'b' }], failing(code));
    await expect(all(events)).rejects.toMatchObject({ code });
    expect(calls).toHaveLength(1);
  },
);

test.each<ErrorCode>(['model_rate_limited', 'model_auth', 'model_out_of_money'])('%s: next key first', async (code) => {
  const { events, calls } = scene([{ id: 'a', keys: ['k0', 'k1', 'k2'] }, { id: 'b' }], ({ apiKey }) =>
    apiKey === 'k2' ? ['ok'] : code,
  );
  expect((await all(events)).at(-1)).toMatchObject({ model: 'a' });
  expect(new Set(calls.map(({ keyIndex }) => keyIndex)).size).toBe(calls.length);
  expect(calls.at(-1)?.keyIndex).toBe(2);
});

test('overload: next endpoint before the next model, not the next key', async () => {
  const endpoints = [{ base_url: 'https://one.example' }, { base_url: 'https://two.example' }];
  const { events, calls } = scene([{ id: 'a', keys: ['k0', 'k1'], endpoints }, { id: 'b' }], ({ model }) =>
    model.id === 'a' ? 'model_overloaded' : ['ok'],
  );
  await all(events);
  expect(calls.map(({ model, baseUrl }) => [model, baseUrl])).toEqual([
    ['a', 'https://one.example'],
    ['a', 'https://two.example'],
    ['b', undefined],
  ]);
});

test('a fault on our side: straight to the next model', async () => {
  const endpoints = [{ base_url: 'https://one.example' }, { base_url: 'https://two.example' }];
  const { events, calls } = scene([{ id: 'a', keys: ['k0', 'k1'], endpoints }, { id: 'b' }], ({ model }) =>
    model.id === 'a' ? 'internal' : ['ok'],
  );
  await all(events);
  expect(calls.map(({ model }) => model)).toEqual(['a', 'b']);
});

test('context too long: the model that reads more, then half the history', async () => {
  const history = Array.from({ length: 4 }, (_, n) => ({
    role: n % 2 ? ('assistant' as const) : ('user' as const),
    content: 'x',
  }));
  const { events, calls } = scene(
    [
      { id: 'a', context_tokens: 8_000 },
      { id: 'b', context_tokens: 4_000 },
      { id: 'c', context_tokens: 16_000 },
    ],
    ({ model }, { messages }) => (messages.length > 3 ? 'model_context_too_long' : ['ok', model.id]),
    { history },
  );
  await all(events);
  expect(calls.map(({ model, messages }) => [model, messages])).toEqual([
    ['a', 5],
    ['c', 5],
    ['c', 3],
  ]);
});

test('after the first delta the next one goes on from there, without repeating', async () => {
  const { events, calls, attempts } = scene([{ id: 'a' }, { id: 'b' }], ({ model }, { messages }) =>
    model.id === 'a'
      ? { shown: 'Once upon a time there was', code: 'model_bad_response' }
      : [messages.at(-2)?.content === 'Once upon a time there was' ? 'a time there ' : '?', 'was a hub.'],
  );
  const done = (await all(events)).at(-1);
  expect(done).toMatchObject({ type: 'done', text: 'Once upon a time there was a hub.', model: 'b' });
  expect(calls.map(({ model }) => model)).toEqual(['a', 'b']);
  expect(attempts[0]).toMatchObject({ status: 'failed', usage: { estimated: true } });
});

test('a rate limit in mid-stream falls back too; a refusal of what it says does not', async () => {
  const limited = scene([{ id: 'a' }, { id: 'b' }], ({ model }) =>
    model.id === 'a' ? { shown: 'Hel', code: 'model_rate_limited' } : ['lo'],
  );
  expect((await all(limited.events)).at(-1)).toMatchObject({ text: 'Hello' });
  const filtered = scene([{ id: 'a' }, { id: 'b' }], () => ({ shown: 'Hel', code: 'model_content_filtered' }));
  expect((await filtered.events.next()).value).toEqual({ type: 'delta', text: 'Hel' });
  await expect(filtered.events.next()).rejects.toMatchObject({ code: 'model_content_filtered' });
});

test('a content filter is the end, unless the tenant wants another opinion', async () => {
  const { events } = scene(
    [{ id: 'a' }, { id: 'b' }],
    ({ model }) => (model.id === 'a' ? 'model_content_filtered' : ['ok']),
    {},
    { fallback_when_filtered: true },
  );
  expect((await all(events)).at(-1)).toMatchObject({ model: 'b' });
});

test('what passes is tried again after a pause, within the deadline', async () => {
  let calls = 0;
  const { events } = scene([{ id: 'a' }], () => (++calls < 3 ? 'model_overloaded' : ['ok']), {
    deadlineAt: Date.now() + 30_000,
  });
  expect((await all(events)).at(-1)).toMatchObject({ text: 'ok', attempts: 3 });
});

test('short questions that begin a conversation go to the cheap model first', () => {
  const of = tenantSchema.parse({ id: 't', models: ['a', 'b'], short_query: { max_characters: 5, model: 'mini' } });
  const byId = new Map(['a', 'b', 'mini'].map((id) => [id, modelSchema.parse({ id, provider: 'echo' })]));
  const order = (over: object) => modelChain({ tenant: of, ...over }, byId).map(({ id }) => id);
  expect(order({ question: 'hi?' })).toEqual(['mini', 'a', 'b']);
  expect(order({ question: 'a longer one' })).toEqual(['a', 'b']);
  expect(order({ question: 'hi?', hasHistory: true })).toEqual(['a', 'b']);
  expect(order({ question: 'hi?', preferredModel: 'b' })).toEqual(['b', 'a']);
  expect(order({ preferredModel: 'b', onlyModel: true })).toEqual(['b']);
  expect(order({ downgradeTo: 'mini' })).toEqual(['mini']);
  expect(order({ question: 'hi?', routedModel: 'b', preferredModel: 'a' })).toEqual(['b', 'a']);
});

test('a rule of a tenant without a list may name any model; a caller or /model may not', () => {
  const of = tenantSchema.parse({ id: 't' });
  const byId = new Map(['a', 'b'].map((id) => [id, modelSchema.parse({ id, provider: 'echo' })]));
  const order = (over: object) => modelChain({ tenant: of, ...over }, byId).map(({ id }) => id);
  expect(order({ routedModel: 'b' })).toEqual(['b', 'a']);
  expect(order({ preferredModel: 'b' })).toEqual(['a']);
});

test('when all fail, the error that helps the asker most comes out', async () => {
  const codes: Record<string, ErrorCode> = { a: 'model_rate_limited', b: 'model_overloaded', c: 'model_auth' };
  const { events } = scene([{ id: 'a' }, { id: 'b' }, { id: 'c' }], ({ model }) => codes[model.id] ?? 'internal');
  await expect(all(events)).rejects.toMatchObject({ code: 'model_rate_limited' });
});

test('attempts are bounded per model and per answer', async () => {
  const keys = Array.from({ length: 100 }, (_, n) => `k${n}`);
  const models = ['a', 'b', 'c', 'd'].map((id) => ({ id, keys }));
  const { events, calls } = scene(models, failing('model_rate_limited'));
  await expect(all(events)).rejects.toMatchObject({ code: 'model_rate_limited' });
  expect(calls).toHaveLength(20);
  expect(calls.filter(({ model }) => model === 'a')).toHaveLength(8);
});

test('the picked model goes first if the tenant has it', async () => {
  const order = async (preferredModel: string) => {
    const { events, calls } = scene([{ id: 'a' }, { id: 'b' }], failing('model_overloaded'), { preferredModel });
    await all(events).catch(() => {});
    return calls.map(({ model }) => model);
  };
  expect(await order('b')).toEqual(['b', 'a']);
  expect(await order('not-mine')).toEqual(['a', 'b']);
});

test('no list: the first model there is, else echo; a list of unknown models: no_model_available', async () => {
  const unlisted = scene([{ id: 'a' }, { id: 'b' }], () => ['ok'], {}, { models: [] });
  expect((await all(unlisted.events)).at(-1)).toMatchObject({ model: 'a' });
  const none = scene([], () => ['ok'], {}, { models: [] });
  expect((await all(none.events)).at(-1)).toMatchObject({ model: 'echo' });
  const gone = scene([{ id: 'a' }], () => ['ok'], {}, { models: ['removed'] });
  await expect(all(gone.events)).rejects.toMatchObject({ code: 'no_model_available' });
});

test('a reader that leaves is an aborted attempt; an aborted signal asks no model', async () => {
  const left = scene([{ id: 'a' }], () => ['Hel', 'lo']);
  for await (const _ of left.events) break;
  expect(left.attempts).toMatchObject([{ status: 'failed', errorCode: 'model_aborted' }]);

  const aborted = scene([{ id: 'a' }, { id: 'b' }], () => ['ok'], { signal: AbortSignal.abort() });
  await expect(all(aborted.events)).rejects.toMatchObject({ code: 'model_aborted' });
  expect(aborted.calls).toHaveLength(0);
});
