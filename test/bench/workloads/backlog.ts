import { setTimeout as sleep } from 'node:timers/promises';
import { startHubProcess } from '../contestants/hub.ts';
import { HUB, type HubOptions, processOptions } from '../contestants/index.ts';
import { cpuMs } from '../measure/process-stats.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';

export interface BacklogOptions {
  messages: number;
  drainSeconds: number;
}

/** What the hub may have waiting for this workload; its own default refuses more than 100,000. */
const MAX_BACKLOG = '10000000';

/** Messages pile up with no worker there: what each takes in Redis, and how fast workers then answer them. */
export async function playBacklog(stage: Stage, options: BacklogOptions, results: Results): Promise<void> {
  await stage.reset();
  const hubOptions = { platforms: ['slack' as const], env: { PARLEY_MAX_BACKLOG: MAX_BACKLOG } };
  const gateway = await startHubProcess({ ...processOptions(stage, hubOptions), role: 'gateway' });
  try {
    const path = '/webhooks/slack/slack-{bot}';
    const spec = { platform: 'slack' as const, path, doneWhen: 'acknowledged' as const, graceSeconds: 10 };
    // Every key that is there per conversation, and not per message, exists before the first look.
    await load(stage, gateway.port, { ...spec, pace: { outstanding: 64 }, questions: 6000, seconds: 60 });
    const emptyBytes = await usedBytes(stage);
    const published = await load(stage, gateway.port, {
      ...spec,
      pace: { outstanding: 64 },
      questions: options.messages,
      seconds: 600,
    });
    const bytes = ((await usedBytes(stage)) - emptyBytes) / published.acknowledged;
    results.add('backlog', HUB, {
      bytes_each: bytes,
      published_per_second: (published.acknowledged / published.elapsedMs) * 1000,
    });
    results.add('backlog', HUB, await drain(stage, hubOptions, options.drainSeconds));
  } finally {
    await gateway.stop();
  }
}

async function drain(stage: Stage, hubOptions: HubOptions, seconds: number) {
  const worker = await startHubProcess({ ...processOptions(stage, hubOptions), role: 'worker' });
  try {
    await sleep(1000);
    const before = { waiting: await waiting(stage), cpu: cpuMs(worker.pid), at: performance.now() };
    await sleep(seconds * 1000);
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
