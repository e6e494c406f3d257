import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { createFixedWindow, defineScript, type RedisClient } from '../bus/index.ts';
import { ParleyError } from '../errors/index.ts';
import { FREE_ATTEMPTS, lockMsAfter } from './lock.ts';

/**
 * Slows down whoever guesses. An attempt is counted before it is looked at, so that a thousand at once are no more than
 * a thousand in a row, and taken back when it was right. Names that do not exist are locked like those that do.
 */
export interface Throttle {
  /** @throws ParleyError `rate_limited` after too many wrong attempts from one address (IPv6: one /64) */
  countAddress(ip: string): Promise<void>;
  takeBackAddress(ip: string): Promise<void>;
  /**
   * @param own a count of its own, beside that of everybody who tries the name
   * @throws ParleyError `rate_limited` while the name is locked
   */
  countName(name: string, own?: string): Promise<void>;
  forgetName(name: string, own?: string): Promise<void>;
}

/** Wrong attempts from one address in a window. */
export interface AddressLimit {
  attempts: number;
  windowMs: number;
}

const ADDRESS_LIMIT: AddressLimit = { attempts: 50, windowMs: 5 * 60_000 };
/** Wrong attempts are remembered this long after the last one. */
const REMEMBERED_MS = 24 * 3_600_000;
/** Names and addresses that this process counts while Redis is away. */
const MAX_LOCAL = 10_000;

/** How long a name is locked after 5, 6, 7, … wrong attempts; the last one for all that follow. */
const LOCKS_MS = Array.from({ length: 8 }, (_, more) => lockMsAfter(FREE_ATTEMPTS + more));

/** An attempt that was right, or refused, is taken back; never below none, and without making the window longer. */
const TAKE_BACK = `
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
return 1
`;
/** KEYS failures lock; ARGV rememberedMs freeAttempts lockMs… → ms for which it is locked already; 0: go on. */
const COUNT_NAME = `
local left = redis.call('PTTL', KEYS[2])
if left > 0 then return left end
local failures = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local over = failures - tonumber(ARGV[2])
if over >= 0 then
  local lock = ARGV[3 + over] or ARGV[#ARGV]
  redis.call('SET', KEYS[2], '1', 'PX', lock)
end
return 0
`;

export function createThrottle(redis: RedisClient, now: () => number, limit = ADDRESS_LIMIT): Throttle {
  const countInWindow = createFixedWindow(redis);
  const takeBack = defineScript(redis, 'parleySignInTakeBack', TAKE_BACK);
  const countName = defineScript(redis, 'parleySignInName', COUNT_NAME);
  const local = createLocal(now);

  return {
    async countAddress(ip) {
      const key = addressKey(ip);
      const counted = countInWindow(key, limit.windowMs);
      const [count, leftMs] = await counted.catch(() => local.count(key, limit.windowMs));
      if (count > limit.attempts) throw tooMany(leftMs);
    },
    async takeBackAddress(ip) {
      const key = addressKey(ip);
      await takeBack([key], []).catch(() => local.takeBack(key));
    },
    async countName(name, own) {
      const [failures, lock] = nameKeys(name, own);
      const counted = countName([failures, lock], [REMEMBERED_MS, FREE_ATTEMPTS, ...LOCKS_MS]) as Promise<number>;
      const leftMs = await counted.catch(() => local.countName(failures));
      if (leftMs > 0) throw tooMany(leftMs);
    },
    async forgetName(name, own) {
      const keys = nameKeys(name, own);
      local.forget(keys[0]);
      await redis.del(...keys).catch(() => undefined);
    },
  };
}

/** One message and one code, whether it is the name or the address. */
export const tooMany = (retryAfterMs: number) =>
  new ParleyError('rate_limited', 'Too many attempts to sign in: wait a little', { retryAfterMs });

const addressKey = (ip: string) => `parley:sign-in:address:${networkOf(ip)}`;

/** Names are hashed: people type their password there. Both keys share a tag, for the script. */
function nameKeys(name: string, own: string | undefined): [failures: string, lock: string] {
  // Whatever somebody types as a name, it is never taken for a count of its own.
  const counted = own === undefined ? `parley sign-in\0${name}` : `parley sign-in by\0${own}\0${name}`;
  const hash = createHash('sha256').update(counted).digest('base64url').slice(0, 22);
  return [`parley:{sign-in:${hash}}:failures`, `parley:{sign-in:${hash}}:lock`];
}

/** What one caller has: an IPv4 address, or the /64 that a line of IPv6 is given. */
export function networkOf(ip: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip) ?? [];
  if (mapped) return mapped;
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = (ip.split('%')[0] ?? '').toLowerCase().split('::');
  const [left, right] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const missing = tail === undefined ? 0 : 8 - (left?.length ?? 0) - (right?.length ?? 0);
  const groups = [...(left ?? []), ...new Array(Math.max(0, missing)).fill('0'), ...(right ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** The same counting in this process, for as long as Redis is away. */
function createLocal(now: () => number) {
  const counts = new LRUCache<string, { count: number; until: number; lockedUntil: number }>({ max: MAX_LOCAL });
  function entryOf(key: string, ttlMs: number) {
    const known = counts.get(key);
    const entry = known && known.until > now() ? known : { count: 0, until: now() + ttlMs, lockedUntil: 0 };
    counts.set(key, entry);
    return entry;
  }
  return {
    count(key: string, windowMs: number): [number, number] {
      const entry = entryOf(key, windowMs);
      entry.count += 1;
      return [entry.count, entry.until - now()];
    },
    takeBack(key: string): void {
      const entry = counts.get(key);
      if (entry && entry.count > 0) entry.count -= 1;
    },
    countName(key: string): number {
      const entry = entryOf(key, REMEMBERED_MS);
      if (entry.lockedUntil > now()) return entry.lockedUntil - now();
      entry.count += 1;
      entry.lockedUntil = now() + lockMsAfter(entry.count);
      return 0;
    },
    forget: (key: string) => void counts.delete(key),
  };
}
