import { Cluster } from 'ioredis';
import { ParleyError } from '../errors/index.ts';
import type { RedisClient } from './redis.ts';

/** Rejects unless Redis can be used; of a cluster, unless it says so itself (`cluster-require-full-coverage` counts). */
export async function pingRedis(redis: RedisClient): Promise<void> {
  if (!(redis instanceof Cluster)) {
    await redis.ping();
    return;
  }
  const info = String(await redis.cluster('INFO'));
  if (!info.includes('cluster_state:ok'))
    throw new ParleyError('unavailable', 'Redis Cluster: cluster_state is not ok');
}

/** Asks Redis, or every master of a cluster. */
export function everyMaster<T>(redis: RedisClient, ask: (server: Exclude<RedisClient, Cluster>) => Promise<T>) {
  return Promise.all((redis instanceof Cluster ? redis.nodes('master') : [redis]).map(ask));
}
