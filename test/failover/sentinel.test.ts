import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type RedisScene, startRedisScene } from './support/redis-scene.ts';
import { startWatched, type Watched } from './support/sentinel.ts';

/** Redis with two replicas and three sentinels: its master is killed while people ask, and nobody touches the hub. */
let redis: Watched;
let hub: RedisScene;

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

beforeAll(async () => {
  redis = await startWatched();
  hub = await startRedisScene(redis, 1);
});
afterAll(() => hub?.stop());

test('kill -9 of the master under load: the hub finds the new one, and what was acknowledged is answered once', async () => {
  const { scene } = hub;
  const old = redis.master.port;
  await hub.playLoss(
    () => redis.master.kill(),
    async () => (await redis.masterPort()) !== old,
  );

  scene.tell('sentinel');
  expect(scene.lostAfterAcknowledgement()).toEqual([]);
  expect(await scene.faults()).toEqual([]);
});
