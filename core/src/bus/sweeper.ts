import { sumOf } from './groups.ts';
import { ALL_SHARDS, keys } from './keys.ts';
import type { WakeQueue } from './queue.ts';
import type { RedisClient } from './redis.ts';
import { defineScript } from './scripts/run.ts';
import { PARKED_SEEN_MS, SWEEP_SCRIPT } from './scripts/turn.ts';
import { LOCK_MS } from './turns.ts';

/** Conversations of one shard looked at in one sweep, twice: bounds the work, the rest follows in the next. */
const SWEEP_LIMIT = 200;

/**
 * Wakes conversations that have waiting messages but nobody working on them: their wake job was lost (a gateway died
 * between the two writes, a worker died and its job ran out of attempts). A wake that is already queued is not doubled.
 *
 * @returns how many were woken
 */
export type Sweep = () => Promise<number>;

export function createSweeper(redis: RedisClient, queue: WakeQueue, now: () => number = Date.now): Sweep {
  const sweep = defineScript(redis, 'parleySweep', SWEEP_SCRIPT);

  async function sweepShard(shard: number): Promise<number> {
    const seen = now();
    const times = [seen - LOCK_MS, seen, SWEEP_LIMIT, seen + LOCK_MS + PARKED_SEEN_MS];
    const stranded = (await sweep([keys.pending(shard)], times)) as string[];
    const free = await Promise.all(stranded.map(async (id) => (await redis.exists(keys.lock({ id, shard }))) === 0));
    const lost = stranded.filter((_, i) => free[i]);
    await Promise.all(lost.map((id) => queue.wake({ id, shard })));
    return lost.length;
  }

  return async () => sumOf(await Promise.all(ALL_SHARDS.map(sweepShard)));
}
