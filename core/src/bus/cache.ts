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
      return sealed === null ? undefined : protect.open(sealed, context);
    },
    async set(key, value, ttlMs) {
      await redis.set(keys.shared(channel, key), protect.seal(value, context), 'PX', Math.max(1, Math.floor(ttlMs)));
    },
  };
}
