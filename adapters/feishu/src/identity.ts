import { type AdapterDeps, within } from '@parley/core/adapter';
import type { FeishuChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { type Client, sharedKey } from './client.ts';

/** Who the bot is in its own tenant. */
export interface Bot {
  openId: string;
  name: string;
}

export interface BotIdentity {
  /** From memory, the shared cache or Feishu. Throws `unavailable` when none of them answers soon. */
  get(): Promise<Bot>;
  /** The open_id if this process has learnt it already. */
  known(): string | undefined;
  /** Straight from Feishu; throws `platform_*` errors. */
  ask(): Promise<Bot>;
}

/** A bot's open_id never changes and its name seldom does. */
const MEMORY_TTL_MS = 3_600_000;
const CACHE_TTL_MS = 86_400_000;
/** Feishu gives a webhook 3 s, and what follows has to fit as well. */
const MAX_WAIT_MS = 2_000;

const botInfo = z.object({ bot: z.object({ open_id: z.string().min(1), app_name: z.string().catch('') }) });
const cached = z.object({ openId: z.string().min(1), name: z.string() });

export function createIdentity(
  channel: FeishuChannel,
  client: Client,
  { cache, now }: Pick<AdapterDeps, 'cache' | 'now'>,
): BotIdentity {
  const key = sharedKey(channel, 'bot');
  let memory: { bot: Bot; until: number } | undefined;
  let asking: Promise<Bot> | undefined;

  async function ask(): Promise<Bot> {
    const answer: unknown = await client.call('bot.info', (lark) =>
      lark.request({ method: 'GET', url: '/open-apis/bot/v3/info' }),
    );
    const parsed = botInfo.safeParse(answer);
    if (!parsed.success) throw new ParleyError('platform_unavailable', 'bot.info: the answer names no bot');
    const bot = { openId: parsed.data.bot.open_id, name: parsed.data.bot.app_name };
    memory = { bot, until: now() + MEMORY_TTL_MS };
    return bot;
  }

  async function learn(): Promise<Bot> {
    const shared = readCached(await cache.get(key).catch(() => undefined));
    if (shared) {
      memory = { bot: shared, until: now() + MEMORY_TTL_MS };
      return shared;
    }
    const bot = await ask();
    await cache.set(key, JSON.stringify(bot), CACHE_TTL_MS).catch(() => undefined);
    return bot;
  }

  return {
    ask,
    known: () => memory?.bot.openId,
    async get() {
      if (memory && now() < memory.until) return memory.bot;
      // Many messages may arrive before the first answer: one question serves them all.
      asking ??= learn().finally(() => {
        asking = undefined;
      });
      try {
        return await within(asking, MAX_WAIT_MS);
      } catch (error) {
        throw new ParleyError('unavailable', 'could not learn who the bot is', { cause: error });
      }
    },
  };
}

function readCached(value: string | undefined): Bot | undefined {
  if (value === undefined) return undefined;
  try {
    return cached.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}
