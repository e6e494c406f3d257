import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { ParleyError } from '../errors/index.ts';

export type RedisClient = Redis | Cluster;
/** `replyMapping` changes the client's type; the hub always uses the default. */
type Options = Omit<RedisOptions, 'replyMapping'>;

/**
 * Who uses a connection decides how it fails. `publish`: at once when Redis is away, so that a webhook gets its 503
 * (no offline queue). `work`: waits for Redis to come back, as BullMQ requires.
 */
export type RedisPurpose = 'publish' | 'work';

const REPLICA_TOLD_EVERY_MS = 10_000;

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
 *   several comma-separated `host:port` seeds (with or without `redis://` before them) for a cluster
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
    enableAutoPipelining: true,
  };
  return purpose === 'publish'
    ? { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 2000 }
    : { ...shared, maxRetriesPerRequest: null };
}

export type RedisTarget =
  | { kind: 'single'; url: string }
  | { kind: 'socket'; path: string }
  | { kind: 'sentinel'; sentinels: { host: string; port: number }[]; name: string; db: number; auth: Auth }
  | { kind: 'cluster'; seeds: { host: string; port: number }[]; auth: Auth; tls: boolean };

interface Auth {
  username?: string | undefined;
  password?: string | undefined;
}

/** Takes a REDIS_URL apart; throws `invalid_config` without repeating the URL, which may carry a password. */
export function parseRedisUrl(url: string): RedisTarget {
  if (url.startsWith('unix://')) return { kind: 'socket', path: url.slice('unix://'.length) };
  if (!url.includes('://')) return parseRedisUrl(`redis+cluster://${url}`);
  const match = /^(rediss?|redis\+sentinel|rediss?\+cluster):\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?/.exec(url);
  if (!match) {
    throw new ParleyError(
      'invalid_config',
      'REDIS_URL: expected redis://, rediss://, unix://, redis+sentinel:// or comma-separated cluster seeds',
    );
  }
  const [, scheme = '', credentials = '', hosts = '', path = ''] = match;
  // Only the first colon divides: a password may hold more of them.
  const [username = '', ...rest] = credentials.split(':').map(decodeURIComponent);
  const auth: Auth = { username: username || undefined, password: rest.join(':') || undefined };
  const nodes = hosts.split(',').map(parseHost);
  if (scheme === 'redis+sentinel') {
    const [name, db] = path.split('/');
    if (!name) throw new ParleyError('invalid_config', 'REDIS_URL: redis+sentinel:// needs /MASTER-NAME at its end');
    return { kind: 'sentinel', sentinels: nodes, name, db: Number(db ?? 0) || 0, auth };
  }
  if (nodes.length > 1 || scheme.endsWith('+cluster')) {
    return { kind: 'cluster', seeds: nodes, auth, tls: scheme.startsWith('rediss') };
  }
  return { kind: 'single', url };
}

function parseHost(host: string): { host: string; port: number } {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host.trim());
  if (!match?.[1]) throw new ParleyError('invalid_config', 'REDIS_URL: expected host:port');
  return { host: match[1].replace(/^\[|\]$/g, ''), port: match[2] ? Number(match[2]) : 6379 };
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
        ...(target.auth.username ? { username: target.auth.username } : {}),
        ...(target.auth.password ? { password: target.auth.password } : {}),
      });
    case 'cluster': {
      const { enableOfflineQueue, retryStrategy: _reconnect, ...redisOptions } = options;
      if (target.auth.username) redisOptions.username = target.auth.username;
      if (target.auth.password) redisOptions.password = target.auth.password;
      if (target.tls) redisOptions.tls = {};
      return new Cluster(target.seeds, {
        redisOptions,
        enableAutoPipelining: true,
        enableOfflineQueue: enableOfflineQueue ?? true,
      });
    }
  }
}
