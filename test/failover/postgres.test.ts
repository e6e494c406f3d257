import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startTcpRedis } from '../flow/helpers/tcp-redis.ts';
import { until } from '../support/index.ts';
import { type PostgresPair, startPostgresPair } from './support/postgres-pair.ts';
import { createScene } from './support/scene.ts';

/** Postgres with a synchronous standby: the primary is killed while people ask, and some time later the standby takes over. */
const cleanup = createCleanup();
let postgres: PostgresPair;
let env: Record<'REDIS_URL' | 'DATABASE_URL' | 'PARLEY_MASTER_KEY', string>;
let folder: string;

vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-failover-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  const redis = cleanup.add(await startTcpRedis());
  postgres = cleanup.add(await startPostgresPair());
  env = { REDIS_URL: redis.url, DATABASE_URL: postgres.url, PARLEY_MASTER_KEY: randomBytes(32).toString('base64') };
});
afterAll(() => cleanup.run());

test('the primary is lost under load: answers go on, and afterwards every turn is in the database once', async () => {
  expect((await runCommand(['migrate'], folder, env)).code).toBe(0);
  const scene = cleanup.add(await createScene({ env, folder }));
  const [gateway] = await Promise.all([scene.start('gateway'), scene.start('worker'), scene.start('worker')]);
  const ready = async () => (await fetch(`${gateway.url}/ready`)).json() as Promise<{ failing: string[] }>;

  await scene.play(async () => {
    const before = scene.counts().answered;
    await postgres.killPrimary();
    await until('/ready that says so', async () => (await ready()).failing.includes('postgres'));
    // Without a database people are answered all the same.
    await until('answers meanwhile', () => scene.counts().answered >= before + 15);
    await postgres.promote();
    await until('readiness', async () => (await ready()).failing.length === 0);
  });

  expect(await scene.faults()).toEqual([]);
  expect(scene.refusals()).toEqual([]);
  expect(await runCommand(['audit', 'verify'], folder, env)).toMatchObject({ code: 0 });
});
