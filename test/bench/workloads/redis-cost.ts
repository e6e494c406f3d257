import { setTimeout as sleep } from 'node:timers/promises';
import { type Contestant, HUB, hub, type Running } from '../contestants/index.ts';
import { openRedisDoor, type RedisDoor } from '../measure/redis-door.ts';
import type { Results } from '../measure/results.ts';
import { differences, quantile } from '../measure/statistics.ts';
import type { Stage } from '../stage.ts';
import type { PlatformName } from '../world/people.ts';
import { leftInRedis } from './left-in-redis.ts';
import { load } from './messages.ts';

export interface RedisSize {
  questions: number;
  /** The hub's own beat (leases, gauges, sweeps) is measured for so long without any message, and taken away. */
  idleSeconds: number;
  /** Asked while Redis is late. */
  lateQuestions: number;
  /** Whose round trips are counted besides the hub's. */
  floors: Contestant[];
}

const RATE = 100;
/** A hub's bots; of each a worker notes now and then that it is well, which is dealt out among the messages here. */
const BOTS = 40;
const SETTLE_MS = 1500;

/** Long enough that nothing else in a message's time comes near it. */
const LATE_MS = 50;
/** So few that no message waits for another. */
const LATE_RATE = 4;

export interface RedisCost {
  perMessage: number;
  byCommand: Record<string, number>;
}

/** How many commands the hub sends to Redis for one answered message, and which. */
export async function countRedisCommands(
  stage: Stage,
  platform: PlatformName,
  { questions, idleSeconds }: RedisSize,
  results: Results,
): Promise<RedisCost> {
  await stage.reset();
  const door = await openRedisDoor(stage.redisSocket);
  const running = await hub({ platforms: [platform], bots: BOTS, redisSocket: door.socket }).start(stage);
  try {
    const spec = {
      platform,
      path: running.path,
      pace: { rate: RATE },
      doneWhen: 'answered' as const,
      graceSeconds: 5,
      chats: questions / 2,
      bots: BOTS,
    };
    await load(stage, running.port, { ...spec, questions, seconds: 30 });
    await sleep(SETTLE_MS);
    door.take();
    await sleep(idleSeconds * 1000);
    const idle = door.take();
    const startedAt = performance.now();
    const { answered } = await load(stage, running.port, { ...spec, questions, seconds: 30 });
    await sleep(SETTLE_MS);
    const seconds = (performance.now() - startedAt) / 1000;
    const cost = costOf(door.take(), idle, seconds / idleSeconds, answered);
    const scripts = Object.entries(cost.byCommand).filter(([name]) => name.startsWith('script'));
    results.add(`Redis, ${platform}`, HUB, {
      commands: cost.perMessage,
      scripts: scripts.reduce((sum, [, each]) => sum + each, 0),
      ...(await leftInRedis(stage.redis, questions / 2)),
    });
    results.add('commands of one message', HUB, cost.byCommand);
    return cost;
  } finally {
    await running.stop();
    await door.close();
  }
}

/** How many answers of Redis a message waits for, one after another: until it is acknowledged, and until it is answered. */
export async function countRoundTrips(stage: Stage, size: RedisSize, results: Results): Promise<void> {
  for (const contestant of [...size.floors, hub({ platforms: ['slack'] })]) {
    await stage.reset();
    const door = await openRedisDoor(stage.redisSocket);
    try {
      results.add('Redis, slack', contestant.name, await roundTripsOf(stage, contestant, door, size));
    } finally {
      await door.close();
    }
  }
}

async function roundTripsOf(
  stage: Stage,
  contestant: Contestant,
  door: RedisDoor,
  { questions, lateQuestions }: RedisSize,
): Promise<Record<string, number>> {
  const { socket: redisSocket } = door;
  const running = await contestant.start({
    ...stage,
    inputFor: (shape) => ({ ...stage.inputFor(shape), redisSocket }),
    hubEnv: { ...stage.hubEnv, REDIS_URL: `unix://${redisSocket}` },
  });
  try {
    await tripTimes(stage, running, { rate: RATE, questions });
    const few = { rate: LATE_RATE, questions: lateQuestions };
    const prompt = await tripTimes(stage, running, few);
    door.delay(LATE_MS);
    const late = await tripTimes(stage, running, few);
    return {
      trips_ack: Math.round((late.ack - prompt.ack) / LATE_MS),
      trips_end: Math.round((late.end - prompt.end) / LATE_MS),
    };
  } finally {
    door.delay(0);
    await running.stop();
  }
}

async function tripTimes(
  stage: Stage,
  { port, path }: Running,
  { rate, questions }: { rate: number; questions: number },
): Promise<{ ack: number; end: number }> {
  const spec = { platform: 'slack' as const, path, doneWhen: 'answered' as const, seconds: 30, graceSeconds: 5 };
  const asked = await load(stage, port, { ...spec, pace: { rate }, questions });
  const { sentAt, acknowledgedAt, answeredAt } = asked;
  const median = (at: number[]) => quantile(differences(at, sentAt), 0.5);
  return { ack: median(acknowledgedAt), end: median(answeredAt) };
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
