import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startPostgres, until } from '../support/index.ts';
import { createScene } from './support/scene.ts';
import { startWatched, type Watched } from './support/sentinel.ts';

/** Redis with two replicas and three sentinels: its master is killed while people ask, and nobody touches the hub. */
const cleanup = createCleanup();
let redis: Watched;
let env: Record<'REDIS_URL' | 'DATABASE_URL' | 'PARLEY_MASTER_KEY' | 'PARLEY_REDIS_WAIT_REPLICAS', string>;
let folder: string;

vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-failover-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  redis = cleanup.add(await startWatched());
  const postgres = cleanup.add(await startPostgres());
  env = {
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    PARLEY_MASTER_KEY: randomBytes(32).toString('base64'),
    PARLEY_REDIS_WAIT_REPLICAS: '1',
  };
});
afterAll(() => cleanup.run());

test('kill -9 of the master under load: the hub finds the new one, and what was acknowledged is answered once', async () => {
  expect((await runCommand(['migrate'], folder, env)).code).toBe(0);
  const scene = cleanup.add(await createScene({ env, folder }));
  const [gateway] = await Promise.all([scene.start('gateway'), scene.start('worker'), scene.start('worker')]);

  await scene.play(async () => {
    scene.note('master killed');
    await redis.master.kill();
    const old = redis.master.port;
    await until('a new master', async () => (await redis.masterPort()) !== old);
    scene.note('new master');
    await until('readiness', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    scene.note('gateway ready');
  });

  expect(scene.lostAfterAcknowledgement()).toEqual([]);
  expect(await scene.faults()).toEqual([]);
  scene.tell('sentinel');
});
