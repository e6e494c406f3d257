import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKeyConfig } from '../config/index.ts';
import type { Caller, StoredApiKey } from './types.ts';

const PREFIX = 'pk_';
/** Enough for people to recognise a key by. */
export const KEY_PREFIX_LENGTH = 11;

/** Whether it can be one of the keys that `newApiKey` makes: nothing else is worth a look into the database. */
export const isStoredKey = (key: string) => /^pk_[\w-]{43}$/.test(key);

/** A new key: shown once, and kept only as its hash. 256 bits of chance need no slow hash. */
export function newApiKey(): { key: string; prefix: string; hash: string } {
  const key = PREFIX + randomBytes(32).toString('base64url');
  return { key, prefix: key.slice(0, KEY_PREFIX_LENGTH), hash: hashOfKey(key) };
}

export function hashOfKey(key: string): string {
  return hash('sha256', `parley api key\0${key}`);
}

/** The keys of one version of the configuration, found by hash. */
export function indexKeys(keys: readonly ApiKeyConfig[]): (key: string, now: number) => Caller | undefined {
  const byHash = new Map(keys.map((one) => [hashOfKey(one.key), one]));
  return (key, now) => {
    const found = byHash.get(hashOfKey(key));
    if (!found || !sameText(found.key, key) || isOver(found.expires_at && Date.parse(found.expires_at), now)) {
      return undefined;
    }
    return configuredCaller(found);
  };
}

/** The caller behind a configured key, unless it has expired. */
export function ownerOf(key: ApiKeyConfig, now: number): Caller | undefined {
  return isOver(key.expires_at && Date.parse(key.expires_at), now) ? undefined : configuredCaller(key);
}

function configuredCaller({ id, tenant, scopes, limits, signing_secret: signingSecret }: ApiKeyConfig): Caller {
  return { tenant, keyId: id, scopes, limits, signingSecret, via: 'key' };
}

export function callerOf(stored: StoredApiKey, signingSecret: string | undefined, now: number): Caller | undefined {
  if (stored.revokedAt !== undefined || isOver(stored.expiresAt, now)) return undefined;
  const { tenant, id, scopes, limits } = stored;
  return { tenant, keyId: id, scopes, limits, signingSecret, via: 'key' };
}

const isOver = (at: number | '' | undefined, now: number) => at !== undefined && at !== '' && at <= now;

/** In constant time. Of other lengths they cannot be: their hashes were the same. */
function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
