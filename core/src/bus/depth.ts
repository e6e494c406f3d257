import { ALL_SHARDS, keys } from './keys.ts';
import type { RedisClient } from './redis.ts';

/**
 * What lies in Redis and waits for somebody, all conversations together. Each publish reports its shard's depth for
 * nothing; `refresh` corrects the rest, so a gateway's view is at most one refresh old.
 */
export interface BacklogGauge {
  /** Messages without an answer, and finished turns that the database has not taken yet: both fill Redis. */
  readonly total: number;
  note(shard: number, depth: number): void;
  /** Resolves with the messages that wait for an answer. */
  refresh(): Promise<number>;
}

export function createBacklogGauge(redis: RedisClient): BacklogGauge {
  const depths = new Map<number, number>();
  let waiting = 0;
  let unarchived = 0;
  const set = (shard: number, depth: number) => {
    waiting += depth - (depths.get(shard) ?? 0);
    depths.set(shard, depth);
  };
  return {
    get total() {
      return waiting + unarchived;
    },
    note: set,
    async refresh() {
      const [values, rows] = await Promise.all([
        Promise.all(ALL_SHARDS.map((shard) => redis.get(keys.depth(shard)))),
        Promise.all(ALL_SHARDS.map((shard) => redis.xlen(keys.archive(shard)))),
      ]);
      values.forEach((value, shard) => {
        set(shard, Number(value ?? 0));
      });
      unarchived = rows.reduce((sum, length) => sum + length, 0);
      return waiting;
    },
  };
}
