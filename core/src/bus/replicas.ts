import { ParleyError } from '../errors/index.ts';
import { keys } from './keys.ts';
import type { RedisClient } from './redis.ts';

/**
 * Resolves when all that was written to the shard before the call is on enough replicas as well; rejects with
 * `unavailable` when they have not said so in time. What was written stays written then.
 */
export type ReplicaBarrier = (shard: number) => Promise<void>;

export interface ReplicaBarrierOptions {
  /** A connection of its own: `WAIT` holds up all that comes behind it. */
  redis: RedisClient;
  /** At least 1. */
  replicas: number;
  waitMs?: number;
}

/** A replica that is well answers in a round trip; the platform's own limit is 3 s. */
const WAIT_MS = 1_000;
const RETRY_AFTER_MS = 2_000;

interface Shard {
  running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Asks at most once at a time for each shard: whoever comes while one question is under way shares the next, so a
 * thousand messages wait for two round trips, not for a thousand.
 */
export function createReplicaBarrier({ redis, replicas, waitMs = WAIT_MS }: ReplicaBarrierOptions): ReplicaBarrier {
  const shards = new Map<number, Shard>(); // at most as many as there are shards

  async function ask(shard: number): Promise<void> {
    // WAIT is about what its own connection has written last: a write that comes later than all others stands for them.
    const replies = await redis.pipeline().set(keys.replicated(shard), '1').wait(replicas, waitMs).exec();
    const [failure, reached] = replies?.at(-1) ?? [];
    const cause = replies?.find(([error]) => error)?.[0] ?? failure;
    if (!cause && Number(reached) >= replicas) return;
    throw new ParleyError('unavailable', `fewer than ${replicas} replicas of Redis have it`, {
      retryAfterMs: RETRY_AFTER_MS,
      ...(cause && { cause }),
    });
  }

  function begin(shard: number): Promise<void> {
    const entry: Shard = { running: ask(shard), next: undefined };
    shards.set(shard, entry);
    const end = () => void (shards.get(shard) === entry && shards.delete(shard));
    entry.running.then(end, end);
    return entry.running;
  }

  return (shard) => {
    const entry = shards.get(shard);
    if (!entry) return begin(shard);
    entry.next ??= entry.running.catch(() => undefined).then(() => begin(shard));
    return entry.next;
  };
}
