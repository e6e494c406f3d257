import { answered } from '../flow/helpers/chats.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { createWorld, startHub } from '../support/index.ts';
import { startCollector } from './collector.ts';

/**
 * What traces cost: CPU time of a whole hub for a message, and the time of its start, with and without them, in turns.
 * `node test/tracing/cost.ts [rounds]`. The numbers in docs/operations/tracing.md are from here.
 */
const ROUNDS = Number(process.argv[2] ?? 3);
const CHATS = 20;
const EACH = 20;

const world = await createWorld();
const collector = await startCollector();

async function ask(label: string): Promise<void> {
  await Promise.all(
    Array.from({ length: CHATS }, async (_, chat) => {
      for (let i = 0; i < EACH; i++) {
        const text = `${label} ${i}.`;
        await world.slack.say({ chat: `${label}-${chat}`, text });
        await answered(world.slack, `${label}-${chat}`, text, 60_000);
      }
    }),
  );
}

async function measure(env: Record<string, string>, label: string) {
  const began = performance.now();
  const hub = await startHub({ config: world.config({ channel: { streaming: false } }), env });
  const startMs = performance.now() - began;
  try {
    world.connect(hub.url);
    await ask(`warm ${label}`);
    const cpu = () => metric(hub.url, 'process_cpu_seconds_total');
    const before = await cpu();
    await ask(label);
    return { startMs, microseconds: ((await cpu()) - before) * (1e6 / (CHATS * EACH)) };
  } finally {
    await hub.stop();
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const modes = { off: {}, on: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } };
const results: Record<string, Awaited<ReturnType<typeof measure>>[]> = { off: [], on: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const [mode, env] of Object.entries(modes)) {
    const before = collector.spans.length;
    const result = await measure(env, `${mode} ${round}`);
    results[mode]?.push(result);
    const spans = (collector.spans.length - before) / (2 * CHATS * EACH);
    process.stdout.write(
      `${mode}: ${result.microseconds.toFixed(0)} µs of CPU a message, ${spans.toFixed(1)} spans; start ${result.startMs.toFixed(0)} ms\n`,
    );
  }
}
for (const [mode, all] of Object.entries(results)) {
  const cpu = median(all.map(({ microseconds }) => microseconds));
  const start = median(all.map(({ startMs }) => startMs));
  process.stdout.write(`median ${mode}: ${cpu.toFixed(0)} µs, start ${start.toFixed(0)} ms\n`);
}
await Promise.all([world.close(), collector.close()]);
