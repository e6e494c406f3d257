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
 *
 * Those who would wait for long stand in a line instead: each is named a time of its own, one behind the other, and is
 * let through when it comes back then, before those who have not waited. So a wait costs one question and one return,
 * however many wait.
 */
export interface Governor {
  /**
   * Reserves `cost` operations for a final text; resolves with how long to wait before it, in milliseconds. When that is
   * more than `maxWaitMs` nothing is reserved: come back then and ask again, with `hasWaited`.
   */
  reserve(place: Place, cost: number, wait?: { maxMs?: number; hasWaited?: boolean }): Promise<number>;
  /**
   * Takes `cost` operations for a preview if they are to be had now, leaving some for a final text.
   *
   * @param isLong the text will hardly fit into one message
   */
  tryPreview(place: Place, cost: number, isLong?: boolean): Promise<boolean>;
  /** The platform said to wait: nothing is aimed at this chat (or, with `bot`, at anything of this bot) until then. */
  penalise(place: Place, retryAfterMs: number, scope: 'chat' | 'bot'): Promise<void>;
}

/** Operations a preview leaves in the bucket, so that a final text never waits for one. */
const KEPT_FOR_FINALS = 1;
/** The same in a chat where each takes long to come back (one in 3.5 s in Telegram's groups), for one in several messages. */
const KEPT_FOR_LONG_FINALS = 2;
const SLOW_INTERVAL_MS = 2_000;
const PENALTY_MAX_MS = 10 * 60_000;

/**
 * A leaky bucket as one time stamp (GCRA): `at` is when the bucket would be empty of debt. `line` is the same with all
 * those counted in who were told to come back later.
 *
 * KEYS bucket; ARGV intervalMs burst cost keep(-1 for a final text) maxWaitMs hasWaited(0|1)
 * → milliseconds to wait; for a preview 0 or -1 (not now; nothing was taken)
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval, burst, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local cost, full = tonumber(ARGV[3]) * interval, burst * interval
local hasWaited = ARGV[6] == '1'
local state = redis.call('HMGET', KEYS[1], 'at', 'blocked', 'line')
local at = math.max(tonumber(state[1] or '0'), now)
local blocked = tonumber(state[2] or '0')
local line = math.max(tonumber(state[3] or '0'), at)
local wait = math.max(0, (hasWaited and at or line) + cost - full - now, blocked - now)
local function keepFor(untilMs)
  redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(untilMs, line, blocked) - now + full) + 1000)
end
if keep >= 0 then
  if wait > 0 or line + cost + keep * interval - full > now then return -1 end
elseif wait > tonumber(ARGV[5]) then
  line = math.max(line, blocked) + cost
  redis.call('HSET', KEYS[1], 'line', string.format('%.3f', line))
  keepFor(line)
  return math.ceil(math.max(line - full, blocked) - now)
end
if line > at and not hasWaited then
  line = line + cost
  redis.call('HSET', KEYS[1], 'line', string.format('%.3f', line))
end
redis.call('HSET', KEYS[1], 'at', string.format('%.3f', at + cost))
keepFor(at + cost)
return math.ceil(wait)
`;

/** Takes a reservation back. KEYS bucket; ARGV milliseconds of debt. */
const GIVE_BACK = `
if redis.call('HEXISTS', KEYS[1], 'at') == 1 then redis.call('HINCRBYFLOAT', KEYS[1], 'at', -ARGV[1]) end
return 1
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

interface Bucket {
  key: string;
  limit: RateLimit;
}

const intervalOf = ({ perSecond }: RateLimit) => 1000 / perSecond;

export function createGovernor(redis: RedisClient): Governor {
  const take = defineScript(redis, 'parleyTake', TAKE);
  const block = defineScript(redis, 'parleyBlock', BLOCK);

  const giveBack = defineScript(redis, 'parleyGiveBackPace', GIVE_BACK);

  const chatBucket = ({ channel, chat, kind, limits }: Place): Bucket => ({
    key: keys.chatPace(channel, chat),
    limit: limits[kind],
  });
  const botBucket = ({ channel, limits }: Place): Bucket => ({ key: keys.botPace(channel), limit: limits.bot });

  const takeFrom = async ({ key, limit }: Bucket, cost: number, keep: number, maxWaitMs = 0, hasWaited = false) =>
    Number(
      await take([key], [intervalOf(limit), Math.max(limit.burst, cost), cost, keep, maxWaitMs, hasWaited ? 1 : 0]),
    );

  return {
    async reserve(place, cost, { maxMs = Number.MAX_SAFE_INTEGER, hasWaited } = {}) {
      const buckets = [chatBucket(place), botBucket(place)];
      // Two slots in a cluster, so two scripts; they go side by side, as one hardly ever refuses.
      const waits = await Promise.all(buckets.map((bucket) => takeFrom(bucket, cost, -1, maxMs, hasWaited)));
      const longest = Math.max(...waits);
      if (longest > maxMs) {
        // Nothing will be sent now: what one of them had left is for others.
        const reserved = buckets.filter((_, i) => (waits[i] ?? 0) <= maxMs);
        await Promise.all(reserved.map(({ key, limit }) => giveBack([key], [cost * intervalOf(limit)])));
      }
      return longest;
    },
    async tryPreview(place, cost, isLong = false) {
      const chat = chatBucket(place);
      const kept = isLong && intervalOf(chat.limit) > SLOW_INTERVAL_MS ? KEPT_FOR_LONG_FINALS : KEPT_FOR_FINALS;
      // One after the other: what the chat refuses must not use up what the bot as a whole has left.
      if ((await takeFrom(chat, cost, kept)) !== 0) return false;
      return (await takeFrom(botBucket(place), cost, KEPT_FOR_FINALS)) === 0;
    },
    async penalise(place, retryAfterMs, scope) {
      const { key } = scope === 'bot' ? botBucket(place) : chatBucket(place);
      await block([key], [Math.min(Math.max(1, Math.ceil(retryAfterMs)), PENALTY_MAX_MS)]);
    },
  };
}
