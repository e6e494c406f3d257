import { ALL_SHARDS, keys } from './keys.ts';
import type { RedisClient } from './redis.ts';

const BATCH = 200;

/**
 * Moves finished turns from Redis to the database, oldest first. A row is deleted only after `write` has resolved, and
 * `write` must be idempotent under the turn's id: a crash between the two repeats the batch, never loses it.
 *
 * @returns how many rows were moved
 */
export type DrainArchive = (write: (rows: string[]) => Promise<void>) => Promise<number>;

export function createArchiveDrain(redis: RedisClient): DrainArchive {
  return async (write) => {
    let moved = 0;
    for (const shard of ALL_SHARDS) {
      const stream = keys.archive(shard);
      for (;;) {
        const entries = await redis.xrange(stream, '-', '+', 'COUNT', BATCH);
        if (entries.length === 0) break;
        await write(entries.map(([, fields]) => fields[1] ?? ''));
        await redis.xdel(stream, ...entries.map(([id]) => id));
        moved += entries.length;
        if (entries.length < BATCH) break;
      }
    }
    return moved;
  };
}
