import { connectRedis, type RedisClient, untilUsable } from '@parley/core/bus';
import { type Environment, loadSettings, type Settings } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { assertSchema, openStore, type Store } from '@parley/core/store';
import { createLogger } from '@parley/core/telemetry';
import { lockDataFolder } from '../embedded/data-folder.ts';
import { embeddedRedisUrl } from '../embedded/redis.ts';

/** How long Redis may take to be there. */
const REDIS_WAIT_MS = 5_000;
/** Another data folder, which a second hub would be given, has another database: a backup of that would be an empty one. */
const HUB_RUNS =
  'Its embedded database is open to it alone: stop it, run this command, and start it again. With a Postgres of its own (DATABASE_URL) this works while it runs.';

/**
 * Opens the database for a command that ends by itself. The embedded one is free only while the hub does not run.
 *
 * @param options.anySchema for a command that sees to the schema itself
 */
export async function withStore<T>(
  env: Environment,
  work: (store: Store, settings: Settings) => Promise<T>,
  { anySchema = false }: { anySchema?: boolean } = {},
): Promise<T> {
  const settings = loadSettings(env, 'command');
  const { databaseUrl, dataDir } = settings;
  const unlock = databaseUrl ? () => {} : lockDataFolder(dataDir, HUB_RUNS);
  try {
    const store = await openStore(databaseUrl ? { databaseUrl } : { pgliteDir: `${dataDir}/postgres` });
    try {
      if (!anySchema) await assertSchema(store);
      return await work(store, settings);
    } finally {
      await store.close();
    }
  } finally {
    unlock();
  }
}

/** Connects to Redis for a command that ends by itself. The embedded one is there only while the hub runs. */
export async function withRedis<T>(
  env: Environment,
  work: (redis: RedisClient, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(env, 'command');
  const { redisUrl, dataDir } = settings;
  const redis = connectRedis(redisUrl ?? embeddedRedisUrl(dataDir), 'publish', createLogger('silent'));
  try {
    await untilUsable(redis, REDIS_WAIT_MS);
    if (redis.status !== 'ready')
      throw new ParleyError(
        'unavailable',
        redisUrl ? 'REDIS_URL: Redis cannot be reached' : 'The embedded Redis does not run: start the hub first',
      );
    return await work(redis, settings);
  } finally {
    redis.disconnect();
  }
}
