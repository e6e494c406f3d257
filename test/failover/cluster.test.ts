import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type RedisCluster, startCluster } from './support/cluster.ts';
import { type RedisScene, startRedisScene } from './support/redis-scene.ts';

/** Redis Cluster of three masters and three replicas: the one that has the queue is lost while people ask. */
let cluster: RedisCluster;
let hub: RedisScene;

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

beforeAll(async () => {
  cluster = await startCluster();
  hub = await startRedisScene(cluster, 0);
});
afterAll(() => hub?.stop());

test('kill -9 of the master with the queue under load: a replica takes over, and what was acknowledged is answered once', async () => {
  const { scene } = hub;
  const key = '{parley}:turns:wait';
  const old = await cluster.masterOf(key);
  await hub.playLoss(
    () => old.kill(),
    async () => (await cluster.masterOf(key)) !== old,
  );

  scene.tell('cluster');
  expect(scene.lostAfterAcknowledgement()).toEqual([]);
  expect(await scene.faults()).toEqual([]);
});
