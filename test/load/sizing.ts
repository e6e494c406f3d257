import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { DEPLOY } from '../deploy/support/files.ts';
import { secretsOf } from '../deploy/support/load.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { numberOf, readWords } from '../support/command-words.ts';
import { createWorld, startHub, type World } from '../support/index.ts';

/**
 * `node test/load/sizing.ts`: what one gateway and one worker use at a steady rate, with the tools that operators have
 * (deploy/load). The table of docs/operations/capacity.md is from here. The simulators and the load run on the same
 * machine: the figures of the hub's processes are their own CPU time, not what is left of the machine. With `--traces`
 * every message is recorded and sent to a collector: the difference is what traces cost (docs/operations/tracing.md).
 */
const USAGE = 'node test/load/sizing.ts [--rates N,N…] [--seconds N] [--traces]\n';
const words = readWords(() => {
  const { values } = parseArgs({
    options: {
      rates: { type: 'string', default: '50,100,200' },
      seconds: { type: 'string', default: '20' },
      traces: { type: 'boolean', default: false },
    },
  });
  return {
    rates: values.rates.split(',').map((rate) => numberOf('rates', rate)),
    seconds: numberOf('seconds', values.seconds),
    traces: values.traces,
  };
}, USAGE);
/** Slack lets a bot say ten things a second: so many bots that nobody waits for that. */
const BOTS_PER_RATE = 1 / 6;

const load = z.object({ refused: z.number(), per_second: z.number(), latency_ms: z.object({ p99: z.number() }) });
const used = z.object({ cpu_ms: z.number(), rss_mb: z.number() });
const cost = z.object({
  messages: z.number(),
  // An answer that is not delivered costs something else than one that is.
  failed: z.literal(0),
  processes: z.tuple([used, used]),
  redis: z.object({ cpu_ms: z.number() }),
});

const cleanup = createCleanup();
try {
  await main();
} finally {
  await cleanup.run();
}
process.exit();

async function main(): Promise<void> {
  const world = cleanup.add(await createWorld({ strangers: true, model: { tokensPerSecond: 200, firstTokenMs: 100 } }));
  const shared = cleanup.add(await startSharedServices());
  const migrated = await runCommand(['migrate'], shared.folder, shared.env);
  if (migrated.code !== 0) throw new Error(migrated.stderr);
  const bots = Array.from({ length: Math.ceil(Math.max(...words.rates) * BOTS_PER_RATE) }, (_, i) => `bot-${i}`);
  const traces: Record<string, string> = words.traces ? { OTEL_EXPORTER_OTLP_ENDPOINT: await collector() } : {};
  const start = async (role: 'gateway' | 'worker') =>
    cleanup.add(
      await startHub({
        role,
        config: configOf(world, bots),
        env: { ...shared.env, ...traces, HOST: '127.0.0.1', ...(role === 'worker' && { PARLEY_WORKER_PORT: '0' }) },
      }),
    );
  const [gateway, worker] = await Promise.all([start('gateway'), start('worker')]);

  async function measure(rate: number, seconds: number) {
    const ask = ['--url', gateway.url, '--platform', 'slack', '--channel', bots.join(','), '--rate', String(rate)];
    const args = [
      ...[gateway, worker].flatMap(({ url }) => ['--metrics', `${url}/metrics`]),
      ...['--redis', shared.env.REDIS_URL, '--', process.execPath, join(DEPLOY, 'load/webhooks.mjs'), ...ask],
      ...['--duration', String(seconds)],
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [join(DEPLOY, 'load/cost.mjs'), ...args], {
      env: secretsOf(world),
    });
    const [asked = '', took = ''] = stdout.trim().split('\n').slice(-2);
    return { asked: load.parse(JSON.parse(asked)), took: cost.parse(JSON.parse(took)) };
  }

  await measure(words.rates[0] ?? 50, 5); // what is compiled and connected once is not part of a message
  const { model = 'unknown' } = cpus()[0] ?? {};
  print(
    `${cpus().length} × ${model}, Node ${process.versions.node}, ${words.seconds} s at each rate${words.traces ? ', with traces' : ''}`,
  );
  print('| Messages a second | Gateway: CPU | RSS | Worker: CPU | RSS | Redis: CPU | Acknowledged p99 |');
  print('| --: | --: | --: | --: | --: | --: | --: |');
  for (const rate of words.rates) {
    const { asked, took } = await measure(rate, words.seconds);
    const [front, back] = took.processes;
    const cells = [
      `${rate} (${asked.per_second.toFixed(0)} held)`,
      ...[front, back].flatMap(({ cpu_ms, rss_mb }) => [share(cpu_ms, asked.per_second), `${rss_mb} MB`]),
      share(took.redis.cpu_ms, asked.per_second),
      `${asked.latency_ms.p99} ms`,
    ];
    print(`| ${cells.join(' | ')} |`);
  }
}

/** Takes what it is sent and says so, as a collector does. */
async function collector(): Promise<string> {
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add({
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Milliseconds a message, and how much of a core that is at this rate. */
function share(cpuMs: number, perSecond: number): string {
  return `${cpuMs.toFixed(2)} ms, ${((cpuMs * perSecond) / 10).toFixed(0)} %`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A tenant with what most have: limits at every level, a price, masks, streaming and memory. */
function configOf(world: World, bots: readonly string[]): object {
  const config = world.config({
    tenant: { limits: { minute: 1_000_000 }, user_limits: { minute: 1_000 }, budget: { monthly_usd: 1_000_000 } },
    guard: [{ tenant: 'acme', mask: ['email', 'credit_card'] }],
  });
  const slack = config.channels.find(({ platform }) => platform === 'slack');
  return {
    ...config,
    channels: bots.map((id) => ({ ...slack, id })),
    models: config.models.map((model) => ({ ...model, price: { input: 1, output: 1 } })),
  };
}
