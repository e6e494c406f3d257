import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { answered } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { type Collector, startCollector } from './collector.ts';

/** What must not depend on the collector, and what is left out without one. */
const cleanup = createCleanup();
let world: World;
let collector: Collector;
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  collector = cleanup.add(await startCollector());
});
afterAll(() => cleanup.run());

async function start(env: Record<string, string>): Promise<TestHub> {
  const hub = cleanup.add(await startHub({ config: world.config(), env }));
  world.connect(hub.url);
  return hub;
}

async function ask(count: number, chat: string): Promise<void> {
  for (let i = 0; i < count; i++) {
    await world.slack.say({ chat, text: `question ${i}` });
    await answered(world.slack, chat, `question ${i}`);
  }
}

const spansOf = (hub: TestHub, outcome: string) => metric(hub.url, 'parley_trace_spans_total', { outcome });

test('what was recorded last is sent on the way out', async () => {
  const hub = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '3600000' });
  await ask(1, 'flushed');
  await until('the end of the turn', () => hub.logs.some(({ msg }) => msg === 'turn finished'));
  expect(collector.spans).toEqual([]);
  expect(await hub.terminate()).toBe(0);
  expect(collector.spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['receive', 'publish', 'turn', 'send']),
  );
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(collector.spans.map(({ service }) => service))).toEqual(new Set(['parley']));
});

test('a collector that does not answer: questions are answered, the queue keeps its bound, the rest is dropped', async () => {
  const before = collector.spans.length;
  const release = collector.hang();
  const [queue, batch] = [16, 8];
  const hub = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '100000',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_BSP_MAX_QUEUE_SIZE: String(queue),
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(batch),
  });
  await ask(10, 'hanging');
  const recorded = await until('spans of all', async () => {
    const count = await spansOf(hub, 'recorded');
    return count >= 80 ? count : undefined;
  });
  expect(await spansOf(hub, 'sent')).toBe(0);
  release();
  await until('the queue to be empty', async () => (await spansOf(hub, 'sent')) >= queue);
  expect(await hub.terminate()).toBe(0);
  const arrived = collector.spans.length - before;
  expect(arrived).toBeLessThanOrEqual(queue + batch);
  expect(arrived).toBeLessThan(recorded);
});

test('a collector that is away is said once, holds up no end, and its secrets are not in the log', async () => {
  const hub = await start({
    // Nobody listens there.
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9/',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-secret',
    OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    OTEL_BSP_SCHEDULE_DELAY: '10',
  });
  await ask(3, 'away');
  await until('failed exports', async () => (await spansOf(hub, 'failed')) > 10);
  const warnings = hub.logs.filter(({ msg }) => msg === 'traces could not be sent');
  expect(warnings).toMatchObject([{ level: 'warn', reason: 'ECONNREFUSED' }]);
  expect(await hub.terminate()).toBe(0);
  expect(JSON.stringify(hub.logs) + hub.stderr()).not.toContain('collector-secret');
});

/** Says on stderr when anything of OpenTelemetry is loaded. prom-client always loads its small API. */
const TATTLE = `data:text/javascript,${encodeURIComponent(
  'import{registerHooks}from"node:module";registerHooks({resolve(s,c,next){' +
    'if(/^@opentelemetry\\/(?!api$)/.test(s))process.stderr.write("LOADED "+s+"\\n");return next(s,c)}})',
)}`;

test.each([
  ['nothing asks for traces', {}, false],
  ['they are switched off', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9/', OTEL_SDK_DISABLED: 'true' }, false],
  ['they are asked for', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9/' }, true],
])('OpenTelemetry is loaded only where it is wanted: %s', async (_when, env, isLoaded) => {
  const hub = await start({ ...env, NODE_OPTIONS: `--import=${TATTLE}` });
  await ask(1, 'loading');
  expect(hub.stderr().includes('LOADED @opentelemetry/sdk-trace')).toBe(isLoaded);
  if (!isLoaded) expect(hub.stderr()).not.toContain('LOADED');
  const line = await until('its line', () => hub.logs.find(({ msg }) => msg === 'turn finished'));
  expect('trace_id' in line).toBe(isLoaded);
  // No exemplars, no second format.
  const open = await fetch(`${hub.url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
  expect(open.headers.get('content-type')?.startsWith(isLoaded ? 'application/openmetrics-text' : 'text/plain')).toBe(
    true,
  );
});

test('a share of the traces is recorded where that is asked for', async () => {
  const before = collector.spans.length;
  const hub = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0',
  });
  await ask(2, 'sampled');
  const line = await until('its line', () => hub.logs.find(({ msg }) => msg === 'turn finished'));
  // Named all the same: the caller may know it.
  expect(line.trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect(await hub.terminate()).toBe(0);
  expect(collector.spans.length).toBe(before);
});
