import { type Cache, CTenantAccessToken } from '@larksuiteoapi/node-sdk';
import type { SharedCache } from '@parley/core/adapter';

/** Where the SDK keeps the tenant access token: in the hub's shared cache, with a short memory in front of it. */
export interface TokenCache extends Cache {
  /** The token, if it was looked up lately. */
  inMemory(): string | undefined;
  /** Feishu refused `token`: it is not handed out again unless Feishu itself gives it anew. */
  reject(token: string): void;
}

/** Saves a round trip to Redis per call; other processes may have replaced the token meanwhile, so it is short. */
const MEMORY_TTL_MS = 60_000;

/**
 * A cache that fails is a cache that is empty: the SDK then asks Feishu, which answers with the same token while that
 * is still good for half an hour.
 *
 * @param now Unix milliseconds; the SDK itself reckons expiry by the system's clock
 */
export function createTokenCache(shared: SharedCache, key: string, now: () => number): TokenCache {
  let memory: { token: string; until: number } | undefined;
  let refused: string | undefined;

  const inMemory = () => (memory && now() < memory.until ? memory.token : undefined);

  return {
    inMemory,
    async get(name) {
      if (name !== CTenantAccessToken) return undefined;
      const known = inMemory();
      if (known) return known;
      const token = await shared.get(key).catch(() => undefined);
      if (!token || token === refused) return undefined;
      memory = { token, until: now() + MEMORY_TTL_MS };
      return token;
    },
    async set(name, token: unknown, expiresAt) {
      if (name !== CTenantAccessToken || typeof token !== 'string') return false;
      const ttlMs = (expiresAt ?? 0) - Date.now();
      refused = undefined;
      memory = { token, until: now() + Math.min(ttlMs, MEMORY_TTL_MS) };
      if (ttlMs > 0) await shared.set(key, token, ttlMs).catch(() => undefined);
      return true;
    },
    reject(token) {
      if (memory?.token === token) memory = undefined;
      refused = token;
    },
  };
}
