import { ParleyError } from '@parley/core/errors';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { ChatApiDeps } from './types.ts';

/** Requests without a valid key, by address: nobody tries keys at leisure. */
export interface IpLimit {
  /** @throws ParleyError `rate_limited` when there were too many */
  count(ip: string): Promise<void>;
}

export function createIpLimit({ redis, config }: Pick<ChatApiDeps, 'redis' | 'config'>): IpLimit {
  let current: { requests: number; window_seconds: number; limiter: RateLimiterRedis } | undefined;

  function limiter(): RateLimiterRedis {
    const { requests, window_seconds } = config().api.ip_limit;
    if (current?.requests === requests && current.window_seconds === window_seconds) return current.limiter;
    const options = { points: requests, duration: window_seconds, keyPrefix: 'parley:ip' };
    const made = new RateLimiterRedis({
      ...options,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      // Redis away: each process counts for itself.
      insuranceLimiter: new RateLimiterMemory(options),
    });
    current = { requests, window_seconds, limiter: made };
    return made;
  }

  return {
    async count(ip) {
      try {
        await limiter().consume(ip);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) return;
        throw new ParleyError('rate_limited', 'Too many requests without a valid key from this address', {
          retryAfterMs: refused.msBeforeNext,
        });
      }
    },
  };
}
