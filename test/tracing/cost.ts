import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Span, Tracing } from '@parley/core/telemetry';

/**
 * What traces cost: CPU time of one message's spans, without traces, with traces of which this one is not recorded, and
 * recorded, encoded and sent to a collector in another process. `node test/tracing/cost.ts`. The numbers in
 * docs/operations/tracing.md are from here.
 */
const SELF = fileURLToPath(import.meta.url);
const SDK = new URL('../../apps/hub/src/tracing/sdk.ts', import.meta.url).href;
const MESSAGES = 5_000;
const AT_ONCE = 50;
const QUEUE = { maxQueue: 2048, maxBatch: 512, scheduleDelayMs: 50, exportTimeoutMs: 30_000 };

/** Made before, so that making them is not measured. */
const ATTRIBUTES = Array.from({ length: 14 }, (_, count) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`parley.attribute_${i}`, 'some-value'])),
);

if (process.argv[2] === 'collector') runCollector();
else await main();

/** As a collector answers, and no more. */
function runCollector(): void {
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()));
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
}

async function main(): Promise<void> {
  const child = spawn(process.execPath, [SELF, 'collector'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port.toString().trim()}`;
  const before = process.cpuUsage();
  const { createTracing } = await import(SDK);
  tell('loading OpenTelemetry', before, 1);
  const open = (sampler: string): Tracing =>
    createTracing(
      { protocol: 'http/protobuf', serviceName: 'cost', sampler, ratio: 1, ...QUEUE },
      { warn: () => process.stdout.write('not sent\n') },
      { spans: { inc: () => undefined } },
    );
  const modes = { off: undefined, 'not recorded': open('always_off'), recorded: open('always_on') };
  for (const [mode, tracing] of Object.entries(modes)) {
    await play(tracing);
    const start = process.cpuUsage();
    await play(tracing);
    tell(mode, start, MESSAGES);
  }
  child.kill();
  process.exit();
}

/** Everything is sent at the end, because the queue never has more than one batch and is emptied every 50 ms. */
async function play(tracing: Tracing | undefined): Promise<void> {
  for (let i = 0; i < MESSAGES; i += AT_ONCE) {
    for (let j = 0; j < AT_ONCE; j++) message(tracing);
    if (tracing) await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

/** The spans of one answered message, with as many attributes as the hub's have. */
function message(tracing: Tracing | undefined): void {
  const now = tracing ? Date.now() : 0;
  const receipt = tracing?.begin('receive', { kind: 'server', startedAt: now, attributes: ATTRIBUTES[5] ?? {} });
  const publish = receipt?.child('publish', { kind: 'producer', attributes: ATTRIBUTES[5] ?? {} });
  const parent = publish?.context;
  publish?.end();
  receipt?.end();
  tracing?.begin('mailbox', { parent, startedAt: now, attributes: { 'parley.waited_ms': 3 } }).end();
  const turn = tracing?.begin('turn', { parent, kind: 'consumer', attributes: ATTRIBUTES[11] ?? {} });
  for (const name of ['guard', 'quota', 'chat gpt', 'settle', 'send']) step(turn, name, name === 'chat gpt' ? 13 : 2);
  turn?.set(ATTRIBUTES[4] ?? {});
  turn?.end();
}

function step(turn: Span | undefined, name: string, attributes: number): void {
  const span = turn?.child(name, { kind: 'client', attributes: ATTRIBUTES[attributes] ?? {} });
  span?.end();
}

function tell(what: string, since: NodeJS.CpuUsage, times: number): void {
  const { user, system } = process.cpuUsage(since);
  process.stdout.write(`${what}: ${((user + system) / times).toFixed(2)} µs of CPU\n`);
}
