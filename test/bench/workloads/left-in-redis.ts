import type { Redis } from 'ioredis';
import { keyKind } from '../measure/redis-door.ts';

/** All keys of one kind, by the part of their name that tells it (`history`, `seen`, …). */
interface Kind {
  keys: number;
  bytes: number;
  endless: number;
  /** Of the one that stays longest. */
  minutes: number;
}

/** Less often than once in so many conversations a key is the hub's own, and no conversation's. */
const SHARE_OF_CONVERSATIONS = 0.5;

/**
 * What conversations leave in Redis when all has been answered, for each of them. What is the hub's as a whole does not count:
 * it is one key, or one for a bot.
 */
export async function leftInRedis(redis: Redis, conversations: number): Promise<Record<string, number>> {
  const kinds = await kindsOf(redis);
  const left: Record<string, number> = {
    left_keys: 0,
    left_bytes: 0,
    left_endless: 0,
    left_history_bytes: 0,
    left_minutes: 0,
  };
  const add = (name: string, count: number) => {
    left[name] = (left[name] ?? 0) + count / conversations;
  };
  for (const [kind, { keys, bytes, endless, minutes }] of kinds) {
    if (keys < conversations * SHARE_OF_CONVERSATIONS) continue;
    add('left_keys', keys);
    add('left_bytes', bytes);
    add('left_endless', endless);
    add(`left_keys_${kind}`, keys);
    left[`left_minutes_${kind}`] = minutes;
    if (kind === 'history') add('left_history_bytes', bytes);
    else left.left_minutes = Math.max(left.left_minutes ?? 0, minutes);
  }
  return left;
}

async function kindsOf(redis: Redis): Promise<Map<string, Kind>> {
  const kinds = new Map<string, Kind>();
  for await (const found of redis.scanStream({ match: '*', count: 1000 })) {
    const names = found as string[];
    const pipeline = redis.pipeline();
    for (const name of names) pipeline.pttl(name).memory('USAGE', name);
    const answers = (await pipeline.exec()) ?? [];
    names.forEach((name, i) => {
      const kind = keyKind(name);
      const one = kinds.get(kind) ?? { keys: 0, bytes: 0, endless: 0, minutes: 0 };
      one.keys++;
      one.bytes += Number(answers[2 * i + 1]?.[1] ?? 0);
      const ttlMs = Number(answers[2 * i]?.[1]);
      if (ttlMs === -1) one.endless++;
      one.minutes = Math.max(one.minutes, ttlMs / 60_000);
      kinds.set(kind, one);
    });
  }
  return kinds;
}
