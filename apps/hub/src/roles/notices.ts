import { createGovernor, type RedisClient } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { type AdminNotices, createAdminNotices } from '@parley/core/notices';
import type { HubCore } from './core.ts';

/** A notice may wait so long for the platform's pace; later it would be no news. */
const WAIT_MAX_MS = 60_000;

/** Notices for administrators, said by the tenant's own bots at the pace that everything else keeps. */
export function createHubNotices({ channels, publishRedis, logger }: HubCore, redis: RedisClient): AdminNotices {
  const governor = createGovernor(redis);

  return createAdminNotices({
    logger,
    claim: async (key, ttlMs) => (await publishRedis.set(`parley:{notice}:${key}`, '1', 'PX', ttlMs, 'NX')) === 'OK',
    async post(channelId, chat, text, key) {
      const channel = channels.get(channelId);
      if (!channel) throw new ParleyError('not_found', `channel ${channelId} is not configured`);
      const { adapter } = channel;
      // As if in a direct chat: there is no question to quote or to stand under.
      const place = { channel: channelId, chat, kind: 'direct' as const, limits: adapter.limits };
      for (const [index, part] of adapter.formatReply(text).entries()) {
        const waitMs = await governor.reserve(place, 1, WAIT_MAX_MS);
        if (waitMs > WAIT_MAX_MS) throw new ParleyError('platform_rate_limited', 'the chat is too busy');
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        const target = { chat: { id: chat, kind: 'direct' as const }, messageId: '', senderId: '' };
        await adapter.postMessage(target, part, { idempotencyKey: keyOf(key, index) });
      }
    },
  });
}

/** Idempotency keys are short and plain. */
function keyOf(key: string, index: number): string {
  return `${key.replace(/[^A-Za-z0-9_-]/g, '_').slice(-44)}-${index}`;
}
