import type { SharedCache } from '../adapter/index.ts';
import { keys } from './keys.ts';
import type { RedisClient } from './redis.ts';

/**
 * Small values that all processes of the hub share, one namespace per channel. `protect` encrypts what is stored:
 * platform access tokens are secrets.
 */
export function createSharedCache(
  redis: RedisClient,
  channel: string,
  protect: { seal(text: string, context: string): string; open(sealed: string, context: string): string },
): SharedCache {
  const context = `cache/${channel}`;
  return {
    async get(key) {
      const sealed = await redis.get(keys.shared(channel, key));
      if (sealed === null) return undefined;
      try {
        return protect.open(sealed, context);
      } catch {
        return undefined; // sealed under an earlier master key: a cache may lose values
      }
    },
    async set(key, value, ttlMs) {
      await redis.set(keys.shared(channel, key), protect.seal(value, context), 'PX', Math.max(1, Math.floor(ttlMs)));
    },
  };
}
