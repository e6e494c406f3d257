import { createFixedWindow } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import type { RateLimiterMemory } from 'rate-limiter-flexible';
import { rateLimitHeaders } from './answers.ts';
import type { ChatApiDeps } from './types.ts';

/** Requests without a valid key, by address: nobody tries keys at leisure. */
export interface IpLimit {
  /** @throws ParleyError `rate_limited` when there were too many */
  count(ip: string): Promise<void>;
}

export function createIpLimit({ redis, config }: Pick<ChatApiDeps, 'redis' | 'config'>): IpLimit {
  const countInWindow = createFixedWindow(redis);
  let memory: { requests: number; window_seconds: number; limiter: RateLimiterMemory } | undefined;

  /** While Redis is away. */
  async function countHere(ip: string): Promise<[count: number, leftMs: number]> {
    // With its limiters for every store there is: nothing to load before Redis is away.
    const { RateLimiterMemory, RateLimiterRes } = await import('rate-limiter-flexible');
    const { requests, window_seconds } = config().api.ip_limit;
    if (memory?.requests !== requests || memory.window_seconds !== window_seconds) {
      const limiter = new RateLimiterMemory({ points: requests, duration: window_seconds });
      memory = { requests, window_seconds, limiter };
    }
    const state = await memory.limiter.consume(ip).catch((refused: unknown) => {
      if (refused instanceof RateLimiterRes) return refused;
      throw refused;
    });
    return [state.consumedPoints, state.msBeforeNext];
  }

  return {
    async count(ip) {
      const { requests, window_seconds } = config().api.ip_limit;
      const counted = countInWindow(`parley:ip:${ip}`, window_seconds * 1000);
      const [count, retryAfterMs] = await counted.catch(() => countHere(ip));
      if (count <= requests) return;
      const message = 'Too many requests without a valid key from this address';
      const headers = rateLimitHeaders({ limit: requests, remaining: 0, resetAt: Date.now() + retryAfterMs });
      throw Object.assign(new ParleyError('rate_limited', message, { retryAfterMs }), { headers });
    },
  };
}
