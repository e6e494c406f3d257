import { setTimeout as sleep } from 'node:timers/promises';
import { type HubProcess, startHubProcess } from '../contestants/hub.ts';
import { HUB, type HubOptions, processOptions } from '../contestants/index.ts';
import { cpuMs } from '../measure/process-stats.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';

export interface BacklogOptions {
  messages: number;
  /** Piles up for no longer than this. */
  publishSeconds: number;
  warmSeconds: number;
  drainSeconds: number;
}

/** What the hub may have waiting for this workload; its own default refuses more than 100,000. */
const MAX_BACKLOG = '10000000';
/** Messages that wait in one chat at the end; the first tenth of them each in a chat of its own. */
const DEEP = 10;
/** So many conversations at a time that the drain is not paced by what one chat may be sent. */
const DRAIN_CONCURRENCY = '512';
const OUTSTANDING = 64;
const TENTHS = 10;

/**
 * Messages pile up with no worker there: what each takes in Redis, whether the last cost more to take in than the first, and
 * how fast one worker then answers them.
 */
export async function playBacklog(stage: Stage, options: BacklogOptions, results: Results): Promise<void> {
  await stage.reset();
  const hubOptions = { platforms: ['slack' as const], env: { PARLEY_MAX_BACKLOG: MAX_BACKLOG } };
  const gateway = await startHubProcess({ ...processOptions(stage, hubOptions), role: 'gateway' });
  try {
    await pileUp(stage, gateway, options, results);
    results.add('backlog', HUB, await drain(stage, hubOptions, options));
  } finally {
    await gateway.stop();
  }
}

async function pileUp(stage: Stage, gateway: HubProcess, options: BacklogOptions, results: Results): Promise<void> {
  const { messages, publishSeconds } = options;
  const publish = async (questions: number, seconds: number) => {
    const before = cpuMs(gateway.pid) + stage.redisCpuMs();
    const done = await load(stage, gateway.port, {
      platform: 'slack',
      path: '/webhooks/{platform}/{platform}-{bot}',
      doneWhen: 'acknowledged',
      graceSeconds: 10,
      pace: { outstanding: OUTSTANDING },
      chats: messages / DEEP,
      questions,
      seconds,
    });
    const cpuUs = ((cpuMs(gateway.pid) + stage.redisCpuMs() - before) * 1000) / done.acknowledged;
    return { ...done, cpuUs };
  };
  const emptyBytes = await usedBytes(stage);
  // The time of the first tenth is the compiler's.
  const parts = [await publish(messages / TENTHS, publishSeconds)];
  const firstBytes = ((await usedBytes(stage)) - emptyBytes) / (parts[0]?.acknowledged ?? 0);
  parts.push(await publish(messages / TENTHS, publishSeconds));
  const tookMs = parts.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  const restSeconds = Math.max(1, publishSeconds - (tookMs * 1.5) / 1000);
  parts.push(await publish((messages * (TENTHS - 3)) / TENTHS, restSeconds));
  parts.push(await publish(messages / TENTHS, publishSeconds));
  const taken = parts.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  results.add('backlog', HUB, {
    waiting: taken,
    first_bytes_each: firstBytes,
    bytes_each: ((await usedBytes(stage)) - emptyBytes) / taken,
    published_per_second: (taken / parts.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0)) * 1000,
    first_cpu_us: parts[1]?.cpuUs,
    last_cpu_us: parts.at(-1)?.cpuUs,
  });
}

async function drain(stage: Stage, hubOptions: HubOptions, { warmSeconds, drainSeconds }: BacklogOptions) {
  const env = { ...hubOptions.env, PARLEY_WORKER_CONCURRENCY: DRAIN_CONCURRENCY };
  const worker = await startHubProcess({ ...processOptions(stage, { ...hubOptions, env }), role: 'worker' });
  try {
    await sleep(warmSeconds * 1000);
    const before = { waiting: await waiting(stage), cpu: cpuMs(worker.pid), at: performance.now() };
    await sleep(drainSeconds * 1000);
    const drained = before.waiting - (await waiting(stage));
    return {
      drained_per_second: (drained / (performance.now() - before.at)) * 1000,
      drain_cpu_us: ((cpuMs(worker.pid) - before.cpu) * 1000) / drained,
    };
  } finally {
    await worker.stop();
  }
}

async function usedBytes({ redis }: Stage): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

async function waiting({ redis }: Stage): Promise<number> {
  const depths = await Promise.all(Array.from({ length: 16 }, (_, shard) => redis.get(`parley:{p${shard}}:depth`)));
  return depths.reduce((sum, depth) => sum + Number(depth ?? 0), 0);
}
