import { setTimeout as sleep } from 'node:timers/promises';
import { HUB, hub } from '../contestants/index.ts';
import { openRedisDoor } from '../measure/redis-door.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import type { PlatformName } from '../world/people.ts';
import { load } from './messages.ts';

const QUESTIONS = 400;
const RATE = 100;
/** The hub's own beat (leases, gauges, sweeps) is measured for so long without any message, and taken away. */
const IDLE_SECONDS = 4;
const SETTLE_MS = 1500;

export interface RedisCost {
  perMessage: number;
  byCommand: Record<string, number>;
}

/** How many commands the hub sends to Redis for one answered message, and which. */
export async function countRedisCommands(stage: Stage, platform: PlatformName, results: Results): Promise<RedisCost> {
  await stage.reset();
  const door = await openRedisDoor(stage.redisSocket);
  const running = await hub({ platforms: [platform], redisSocket: door.socket }).start(stage);
  try {
    const spec = {
      platform,
      path: running.path,
      pace: { rate: RATE },
      doneWhen: 'answered' as const,
      graceSeconds: 5,
      chats: QUESTIONS / 2,
    };
    await load(stage, running.port, { ...spec, questions: QUESTIONS, seconds: 30 });
    await sleep(SETTLE_MS);
    door.take();
    await sleep(IDLE_SECONDS * 1000);
    const idle = door.take();
    const startedAt = performance.now();
    const { answered } = await load(stage, running.port, { ...spec, questions: QUESTIONS, seconds: 30 });
    await sleep(SETTLE_MS);
    const seconds = (performance.now() - startedAt) / 1000;
    const cost = costOf(door.take(), idle, seconds / IDLE_SECONDS, answered);
    results.add(`Redis, ${platform}`, HUB, { commands: cost.perMessage });
    return cost;
  } finally {
    await running.stop();
    await door.close();
  }
}

/** What every message adds to the beat of an idle hub. */
export function costOf(
  busy: ReadonlyMap<string, number>,
  idle: ReadonlyMap<string, number>,
  times: number,
  messages: number,
): RedisCost {
  const byCommand: Record<string, number> = {};
  for (const [name, count] of busy) {
    const each = (count - (idle.get(name) ?? 0) * times) / messages;
    if (Math.abs(each) >= 0.05) byCommand[name] = Math.round(each * 100) / 100;
  }
  const perMessage = Object.values(byCommand).reduce((sum, each) => sum + each, 0);
  return { perMessage: Math.round(perMessage * 100) / 100, byCommand };
}
