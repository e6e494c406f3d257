import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startPostgres, until } from '../support/index.ts';
import { type RedisCluster, startCluster } from './support/cluster.ts';
import { createScene } from './support/scene.ts';

/** Redis Cluster of three masters and three replicas; two masters are lost, one after the other, while people ask. */
const cleanup = createCleanup();
let cluster: RedisCluster;
let env: Record<'REDIS_URL' | 'DATABASE_URL' | 'PARLEY_MASTER_KEY' | 'PARLEY_REDIS_WAIT_REPLICAS', string>;
let folder: string;

vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-failover-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  cluster = cleanup.add(await startCluster());
  const postgres = cleanup.add(await startPostgres());
  env = {
    REDIS_URL: cluster.url,
    DATABASE_URL: postgres.url,
    PARLEY_MASTER_KEY: randomBytes(32).toString('base64'),
    PARLEY_REDIS_WAIT_REPLICAS: '0',
  };
});
afterAll(() => cleanup.run());

test('kill -9 of the master with the queue under load: a replica takes over, and what was acknowledged is answered once', async () => {
  expect((await runCommand(['migrate'], folder, env)).code).toBe(0);
  const scene = cleanup.add(await createScene({ env, folder }));
  const [gateway] = await Promise.all([scene.start('gateway'), scene.start('worker'), scene.start('worker')]);

  await scene.play(async () => {
    const key = '{parley}:turns:wait';
    const old = await cluster.masterOf(key);
    scene.note('master killed');
    await old.kill();
    await until('a new master', async () => (await cluster.masterOf(key)) !== old);
    scene.note('new master');
    await until('readiness', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    scene.note('gateway ready');
  });

  scene.tell('cluster');
  expect(scene.lostAfterAcknowledgement()).toEqual([]);
  expect(await scene.faults()).toEqual([]);
});
