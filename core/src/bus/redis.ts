import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { batchWrites } from './batch-writes.ts';
import { parseRedisUrl, type RedisTarget } from './redis-url.ts';

export type RedisClient = Redis | Cluster;
/** `replyMapping` changes the client's type; the hub always uses the default. */
type Options = Omit<RedisOptions, 'replyMapping'>;

/**
 * Who uses a connection decides how it fails. `publish`: at once when Redis is away, so that a webhook gets its 503
 * (no offline queue). `work`: waits for Redis to come back, as BullMQ requires.
 */
export type RedisPurpose = 'publish' | 'work';

const REPLICA_TOLD_EVERY_MS = 10_000;
const SENTINEL_ANSWER_MS = 2_000;
const SLOTS_REFRESH_MS = 10_000;
/** One every tenth of a second: a minute, after which a turn is handed back and found again by the sweep. */
const PATIENT_REDIRECTIONS = 600;

/** Every client of this process that has not ended, for the metrics alone. */
const clients = new Set<RedisClient>();

/** How many of this process's connections to Redis can be used, and how many are (re)connecting. */
export function openConnections(): { ready: number; down: number } {
  const ready = [...clients].filter(({ status }) => status === 'ready').length;
  return { ready, down: clients.size - ready };
}

/**
 * Connects to Redis.
 *
 * @param url `redis://`, `rediss://`, `unix:///path/to.sock`, `redis+sentinel://host:port,host:port/master-name[/db]`, or
 *   several comma-separated `host:port` seeds (with or without `redis://` before them) for a cluster; see redis-url.ts
 */
export function connectRedis(url: string, purpose: RedisPurpose, logger: Logger): RedisClient {
  let toldAt = Number.NEGATIVE_INFINITY;
  /** A failover may leave us connected to the old primary, which refuses every write until we connect anew. */
  const reconnectOnError = (error: Error) => {
    if (!error.message.includes('READONLY')) return false;
    if (performance.now() - toldAt > REPLICA_TOLD_EVERY_MS) {
      toldAt = performance.now();
      logger.warn({ purpose }, 'redis is a replica now: connecting anew');
    }
    return 2 as const; // and sends the command again
  };
  const client = build(parseRedisUrl(url), { ...purposeOptions(purpose), reconnectOnError });
  // A cluster's client sends nothing itself: its nodes' do.
  if (client instanceof Redis) batchWrites(client);
  let lastMessage = '';
  client.on('error', (error: Error) => {
    // ioredis repeats the same error at every reconnect: say it once until something changes.
    if (error.message === lastMessage) return;
    lastMessage = error.message;
    logger.warn({ error: error.message, purpose }, 'redis connection trouble');
  });
  client.on('ready', () => {
    if (lastMessage !== '') logger.info({ purpose }, 'redis connection is back');
    lastMessage = '';
  });
  clients.add(client);
  client.once('end', () => clients.delete(client));
  return client;
}

/** Resolves when the connection is usable, or after `limitMs` when it is not: the caller then works without, or not. */
export async function untilUsable(client: RedisClient, limitMs: number): Promise<void> {
  if (client.status === 'ready') return;
  const usable = Promise.withResolvers<void>();
  client.once('ready', usable.resolve);
  const timer = setTimeout(usable.resolve, limitMs);
  await usable.promise;
  clearTimeout(timer);
  client.off('ready', usable.resolve);
}

function purposeOptions(purpose: RedisPurpose): Options {
  const shared: Options = {
    connectTimeout: 5000,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
  };
  return purpose === 'publish'
    ? { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 2000 }
    : { ...shared, maxRetriesPerRequest: null };
}

function build(target: RedisTarget, options: Options): RedisClient {
  switch (target.kind) {
    case 'single':
      return new Redis(target.url, options);
    case 'socket':
      return new Redis({ ...options, path: target.path });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: target.sentinels,
        name: target.name,
        db: target.db,
        // A master that was cut off and replaced may keep its connections open: the sentinels tell.
        failoverDetector: true,
        sentinelCommandTimeout: SENTINEL_ANSWER_MS,
        ...given({ username: target.auth.username, password: target.auth.password }),
        ...given({ sentinelUsername: target.sentinelAuth.username, sentinelPassword: target.sentinelAuth.password }),
        ...(target.tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
      });
    case 'cluster': {
      const { enableOfflineQueue = true, retryStrategy: _reconnect, ...redisOptions } = options;
      return new Cluster(target.seeds, {
        redisOptions: {
          ...redisOptions,
          ...given({ username: target.auth.username, password: target.auth.password }),
          ...(target.tls && { tls: {} }),
        },
        enableOfflineQueue,
        // While a replica takes over: as long as it needs for those who wait, and what ioredis thinks for the others.
        ...(enableOfflineQueue && { maxRedirections: PATIENT_REDIRECTIONS }),
        // A master that was cut off and replaced may keep its connections open: the others tell.
        slotsRefreshInterval: SLOTS_REFRESH_MS,
        clusterRetryStrategy: (attempt) => Math.min(50 * attempt, 1000),
      });
    }
  }
}

/** Only what is there: ioredis takes an undefined password for one. */
function given<T extends object>(options: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  const present = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Name in keyof T]?: NonNullable<T[Name]> };
}
