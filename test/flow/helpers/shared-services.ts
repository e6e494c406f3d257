import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type TestRedis } from '../../support/index.ts';
import { startTcpRedis } from './tcp-redis.ts';

/** What the processes of a hub on several machines have in common. */
export interface SharedServices {
  redis: TestRedis;
  /** Environment of every role: where Redis and Postgres are, and the master key. */
  env: Record<'REDIS_URL' | 'DATABASE_URL' | 'PARLEY_MASTER_KEY', string>;
  /** An empty folder to run commands in. */
  folder: string;
  stop(): Promise<void>;
}

/** A real Redis and a real, empty Postgres. */
export async function startSharedServices(): Promise<SharedServices> {
  const [redis, postgres] = await Promise.all([startTcpRedis(), startPostgres()]);
  const folder = await mkdtemp(join(tmpdir(), 'parley-shared-'));
  return {
    redis,
    env: {
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
      PARLEY_MASTER_KEY: randomBytes(32).toString('base64'),
    },
    folder,
    async stop() {
      await Promise.all([redis.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
