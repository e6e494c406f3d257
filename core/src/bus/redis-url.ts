import { ParleyError } from '../errors/index.ts';

export type RedisTarget =
  | { kind: 'single'; url: string }
  | { kind: 'socket'; path: string }
  | {
      kind: 'sentinel';
      sentinels: { host: string; port: number }[];
      name: string;
      db: number;
      auth: Auth;
      /** For the sentinels themselves, which know no passwords of the Redis they watch. */
      sentinelAuth: Auth;
      tls: boolean;
    }
  | { kind: 'cluster'; seeds: { host: string; port: number }[]; auth: Auth; tls: boolean };

interface Auth {
  username?: string | undefined;
  password?: string | undefined;
}

/** Takes a REDIS_URL apart; throws `invalid_config` without repeating the URL, which may carry a password. */
export function parseRedisUrl(url: string): RedisTarget {
  if (url.startsWith('unix://')) return { kind: 'socket', path: url.slice('unix://'.length) };
  if (!url.includes('://')) return parseRedisUrl(`redis+cluster://${url}`);
  const match = /^(rediss?(?:\+(?:sentinel|cluster))?):\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url);
  if (!match) {
    throw new ParleyError(
      'invalid_config',
      'REDIS_URL: expected redis://, rediss://, unix://, redis+sentinel:// or comma-separated cluster seeds',
    );
  }
  const [, scheme = '', credentials = '', hosts = '', path = '', query = ''] = match;
  // Only the first colon divides: a password may hold more of them.
  const [username = '', ...rest] = credentials.split(':').map(decodeURIComponent);
  const auth: Auth = { username: username || undefined, password: rest.join(':') || undefined };
  const nodes = hosts.split(',').map(parseHost);
  const tls = scheme.startsWith('rediss');
  if (scheme.endsWith('+sentinel')) {
    const [name, db] = path.split('/');
    if (!name) throw new ParleyError('invalid_config', 'REDIS_URL: redis+sentinel:// needs /MASTER-NAME at its end');
    const sentinelAuth = readSentinelAuth(new URLSearchParams(query));
    return { kind: 'sentinel', sentinels: nodes, name, db: Number(db ?? 0) || 0, auth, sentinelAuth, tls };
  }
  if (nodes.length > 1 || scheme.endsWith('+cluster')) return { kind: 'cluster', seeds: nodes, auth, tls };
  return { kind: 'single', url };
}

function readSentinelAuth(query: URLSearchParams): Auth {
  return {
    username: query.get('sentinel_username') ?? undefined,
    password: query.get('sentinel_password') ?? undefined,
  };
}

function parseHost(host: string): { host: string; port: number } {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host.trim());
  if (!match?.[1]) throw new ParleyError('invalid_config', 'REDIS_URL: expected host:port');
  return { host: match[1].replace(/^\[|\]$/g, ''), port: match[2] ? Number(match[2]) : 6379 };
}
