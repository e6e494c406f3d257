import type { PlatformLimits, RateLimit } from '../adapter/index.ts';
import { keys } from './keys.ts';
import type { RedisClient } from './redis.ts';
import { defineScript } from './scripts/run.ts';

/** What a platform operation is aimed at. */
export interface Place {
  channel: string;
  chat: string;
  kind: 'direct' | 'group';
  limits: PlatformLimits;
}

/**
 * One pace for all workers: a bucket per bot and one per chat, in Redis, by Redis' clock. Final texts reserve their
 * turn and wait for it; previews take only what is left over, at once or not at all. A bucket whose platform said
 * "retry after" lets nothing through until then.
 */
export interface Governor {
  /**
   * Reserves `cost` operations for a final text; resolves with how long to wait before it, in milliseconds. When that is
   * more than `maxWaitMs` nothing is reserved: come back then and ask again.
   */
  reserve(place: Place, cost: number, maxWaitMs?: number): Promise<number>;
  /** Takes `cost` operations for a preview if they are to be had now, leaving some for a final text. */
  tryPreview(place: Place, cost: number): Promise<boolean>;
  /** The platform said to wait: nothing is aimed at this chat (or, with `bot`, at anything of this bot) until then. */
  penalise(place: Place, retryAfterMs: number, scope: 'chat' | 'bot'): Promise<void>;
}

/** Operations a preview leaves in the bucket, so that a final text never waits for one. */
const KEPT_FOR_FINALS = 1;
const PENALTY_MAX_MS = 10 * 60_000;

/**
 * A leaky bucket as one time stamp (GCRA): `at` is when the bucket would be empty of debt.
 *
 * KEYS bucket; ARGV intervalMs burst cost keep(-1 for a final text) maxWaitMs
 * → milliseconds to wait; for a preview 0 or -1 (not now; nothing was taken)
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval, burst, cost, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local state = redis.call('HMGET', KEYS[1], 'at', 'blocked')
local at = math.max(tonumber(state[1] or '0'), now)
local blocked = tonumber(state[2] or '0')
local later = at + cost * interval
local wait = math.max(0, later - burst * interval - now, blocked - now)
if keep < 0 then
  if wait > tonumber(ARGV[5]) then return math.ceil(wait) end
else
  if wait > 0 or later + keep * interval - burst * interval > now then return -1 end
end
redis.call('HSET', KEYS[1], 'at', string.format('%.3f', later))
redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(later, blocked) - now + burst * interval) + 1000)
return math.ceil(wait)
`;

/** KEYS bucket; ARGV ms. A longer penalty is never shortened. */
const BLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local blocked = math.max(tonumber(redis.call('HGET', KEYS[1], 'blocked') or '0'), now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'blocked', blocked)
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), blocked - now + 1000))
return 1
`;

export function createGovernor(redis: RedisClient): Governor {
  const take = defineScript(redis, 'parleyTake', TAKE);
  const block = defineScript(redis, 'parleyBlock', BLOCK);

  const takeFrom = async (bucket: string, { perSecond, burst }: RateLimit, cost: number, keep: number, maxWaitMs = 0) =>
    Number(await take([bucket], [1000 / perSecond, Math.max(burst, cost), cost, keep, maxWaitMs]));
  const chatBucket = ({ channel, chat }: Place) => keys.chatPace(channel, chat);

  const takeFromChat = (place: Place, cost: number, keep: number, maxWaitMs?: number) =>
    takeFrom(chatBucket(place), place.limits[place.kind], cost, keep, maxWaitMs);
  const takeFromBot = ({ channel, limits }: Place, cost: number, keep: number, maxWaitMs?: number) =>
    takeFrom(keys.botPace(channel), limits.bot, cost, keep, maxWaitMs);

  return {
    async reserve(place, cost, maxWaitMs = Number.MAX_SAFE_INTEGER) {
      // Two slots in a cluster, so two scripts; a reservation is never refused, so they go side by side.
      return Math.max(
        ...(await Promise.all([takeFromChat(place, cost, -1, maxWaitMs), takeFromBot(place, cost, -1, maxWaitMs)])),
      );
    },
    async tryPreview(place, cost) {
      // One after the other: what the chat refuses must not use up what the bot as a whole has left.
      if ((await takeFromChat(place, cost, KEPT_FOR_FINALS)) !== 0) return false;
      return (await takeFromBot(place, cost, KEPT_FOR_FINALS)) === 0;
    },
    async penalise(place, retryAfterMs, scope) {
      const bucket = scope === 'bot' ? keys.botPace(place.channel) : chatBucket(place);
      await block([bucket], [Math.min(Math.max(1, Math.ceil(retryAfterMs)), PENALTY_MAX_MS)]);
    },
  };
}
