import { drainStreams } from './drain.ts';
import { ALL_SHARDS, keys } from './keys.ts';
import type { RedisClient } from './redis.ts';

/**
 * Moves finished turns from Redis to the database, oldest first. A row is deleted only after `write` has resolved, and
 * `write` must be idempotent under the turn's id: a crash between the two repeats the batch, never loses it.
 *
 * @returns how many rows were moved
 */
export type DrainArchive = (write: (rows: string[]) => Promise<void>) => Promise<number>;

export function createArchiveDrain(redis: RedisClient): DrainArchive {
  return (write) => drainStreams(redis, ALL_SHARDS.map(keys.archive), write);
}
