import { createHash } from 'node:crypto';
import type { AdapterDeps } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import type { SlackClient } from './client.ts';

/** Slack gives a webhook three seconds in all. */
const WAIT_MS = 1_500;
const CACHE_TTL_MS = 24 * 60 * 60 * 1000;
/** While Slack is away the next events are refused at once instead of each waiting its turn. */
const FAILURE_PAUSE_MS = 2_000;

const authTest = z.object({ user_id: z.string().min(1) });

/**
 * This bot's user id: from memory, the shared cache, or `auth.test`, asked by one caller at a time.
 *
 * @returns a function that rejects with `unavailable` when the id cannot be had within a bounded time
 */
export function makeIdentity(client: SlackClient, botToken: string, deps: AdapterDeps): () => Promise<string> {
  // By token, not by channel: a channel that is given another bot must not remember the old one.
  const cacheKey = `slack:bot-user:${createHash('sha256').update(botToken).digest('hex').slice(0, 32)}`;
  let known: string | undefined;
  let asking: Promise<string> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  async function ask(): Promise<string> {
    const cached = await deps.cache.get(cacheKey).catch(() => undefined);
    if (cached !== undefined) return cached;
    const { user_id: userId } = authTest.parse(await client.call('auth.test', {}));
    // Losing it costs one more call; it must not cost the event.
    await deps.cache.set(cacheKey, userId, CACHE_TTL_MS).catch(() => undefined);
    return userId;
  }

  return async () => {
    if (known !== undefined) return known;
    try {
      if (deps.now() - failedAt < FAILURE_PAUSE_MS) throw new Error('auth.test failed a moment ago');
      asking ??= withinWait(ask()).finally(() => {
        asking = undefined;
      });
      known = await asking;
      return known;
    } catch (cause) {
      if (deps.now() - failedAt >= FAILURE_PAUSE_MS) failedAt = deps.now();
      throw new ParleyError('unavailable', 'The bot does not know its own Slack user id yet', { cause });
    }
  };
}

function withinWait<T>(pending: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer in time')), WAIT_MS);
  return Promise.race([pending, late.promise]).finally(() => clearTimeout(timer));
}
