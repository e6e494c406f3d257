import { ALL_SHARDS, keys } from './keys.ts';
import type { RedisClient } from './redis.ts';

/**
 * How many messages wait, all conversations together. Each publish reports its shard's depth for nothing; `refresh`
 * corrects the rest, so a gateway's view is at most one refresh old.
 */
export interface BacklogGauge {
  readonly total: number;
  note(shard: number, depth: number): void;
  refresh(): Promise<number>;
}

export function createBacklogGauge(redis: RedisClient): BacklogGauge {
  const depths = new Map<number, number>();
  let total = 0;
  const set = (shard: number, depth: number) => {
    total += depth - (depths.get(shard) ?? 0);
    depths.set(shard, depth);
  };
  return {
    get total() {
      return total;
    },
    note: set,
    async refresh() {
      const values = await Promise.all(ALL_SHARDS.map((shard) => redis.get(keys.depth(shard))));
      values.forEach((value, shard) => {
        set(shard, Number(value ?? 0));
      });
      return total;
    },
  };
}
