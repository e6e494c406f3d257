import { type AdapterDeps, within } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';

/** Who the bot is. The id is in its token; the name has to be asked for, so nobody asks who does not need it. */
export interface BotIdentity {
  readonly id: number;
  /** Without `@`, as Telegram spells it. Throws `unavailable` where it cannot be learnt soon. */
  username(): Promise<string>;
}

/** A bot's name changes once in years; an hour of answering to the old one is fine. */
const MEMORY_TTL_MS = 3_600_000;
const CACHE_TTL_MS = 86_400_000;
/**
 * Telegram waits for the webhook's answer meanwhile, and delivers again after a refusal. Bounds the wait for the cache too:
 * it is a network service as well.
 */
const MAX_WAIT_MS = 4_000;

export function createIdentity(
  channel: TelegramChannel,
  client: Client,
  { cache, now }: Pick<AdapterDeps, 'cache' | 'now'>,
): BotIdentity {
  const id = Number.parseInt(channel.credentials.bot_token, 10);
  const key = `telegram:${id}:username`;
  let known: { username: string; until: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    const cached = await cache.get(key).catch(() => undefined);
    const username = cached ?? (await client.call('getMe', {}, { timeoutMs: MAX_WAIT_MS })).username;
    known = { username, until: now() + MEMORY_TTL_MS };
    if (cached === undefined) await cache.set(key, username, CACHE_TTL_MS).catch(() => undefined);
    return username;
  }

  return {
    id,
    async username() {
      if (known && now() < known.until) return known.username;
      // Many updates may arrive before the first answer: one question serves them all.
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      try {
        return await within(asking, MAX_WAIT_MS);
      } catch (error) {
        throw new ParleyError('unavailable', 'could not learn the name of the bot', { cause: error });
      }
    },
  };
}
