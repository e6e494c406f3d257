import { createGovernor, type RedisClient } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { type AdminNotices, createAdminNotices } from '@parley/core/notices';
import type { HubCore } from './core.ts';

/** A notice may wait so long for the platform's pace; later it would be no news. */
const WAIT_MAX_MS = 60_000;

/** Says something in a chat that nobody asked for; rejects when the platform does not take it. */
export type Post = (channel: string, chat: string, text: string, key: string) => Promise<void>;

/** Notices for administrators, said by the tenant's own bots at the pace that everything else keeps. */
export function createHubNotices(core: HubCore, redis: RedisClient): AdminNotices {
  return createAdminNotices({ logger: core.logger, claim: createClaims(core).claim, post: createPost(core, redis) });
}

/**
 * @param redis where the pace is kept. One that fails at once lets a notice through without it while Redis is away: that is
 *   what the notice may be about.
 * @param waitMaxMs how long the pace may hold it back
 */
export function createPost({ channels }: HubCore, redis: RedisClient, waitMaxMs = WAIT_MAX_MS): Post {
  const governor = createGovernor(redis);

  return async (channelId, chat, text, key) => {
    const channel = channels.get(channelId);
    if (!channel) throw new ParleyError('not_found', `channel ${channelId} is not configured`);
    const { adapter } = channel;
    // As if in a direct chat: there is no question to quote or to stand under.
    const place = { channel: channelId, chat, kind: 'direct' as const, limits: adapter.limits };
    for (const [index, part] of adapter.formatReply(text).entries()) {
      const waitMs = await governor.reserve(place, 1, { maxMs: waitMaxMs }).catch(() => 0);
      if (waitMs > waitMaxMs) throw new ParleyError('platform_rate_limited', 'the chat is too busy');
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const target = { chat: { id: chat, kind: 'direct' as const }, messageId: '', senderId: '' };
      await adapter.postMessage(target, part, { idempotencyKey: keyOf(key, index) });
    }
  };
}

/** Who may say something first, over all processes; rejects while Redis is away. */
export function createClaims({ publishRedis }: HubCore) {
  const name = (key: string) => `parley:{notice}:${key}`;
  return {
    claim: async (key: string, ttlMs: number) => (await publishRedis.set(name(key), '1', 'PX', ttlMs, 'NX')) === 'OK',
    release: async (key: string) => void (await publishRedis.del(name(key))),
  };
}

/** Idempotency keys are short and plain. */
function keyOf(key: string, index: number): string {
  return `${key.replace(/[^A-Za-z0-9_-]/g, '_').slice(-44)}-${index}`;
}
