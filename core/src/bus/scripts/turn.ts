import { SESSION_TURNS_MAX } from '../../config/schema.ts';
import { MAX_DEBOUNCE_MS, TIME_WIDTH } from '../entry.ts';
import { TAKE } from './mailbox.ts';

/** The first lines of every script that only the owner of a conversation may run. KEYS[1] is the lock, ARGV[1] the owner. */
const OWNER_ONLY = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 'lost' } end
`;

/** How long a worker leaves a conversation alone whose head only newer workers understand. */
const HAND_OVER_MS = 1_000;

/**
 * How far ahead the sign of life of a conversation may lie that was put aside: so long the sweep leaves it alone. What
 * lies farther ahead was written by a clock that is wrong.
 */
export const PARKED_SEEN_MS = 60_000;

/**
 * Sets the sign of life of a conversation that is put aside until `untilMs`, by Redis' clock; → milliseconds until then.
 * Its answer is complete and waits for the platform's pace: who looks sooner only asks the governor once more.
 */
const PARK = `
local function leftOf(untilMs)
  local time = redis.call('TIME')
  return untilMs - time[1] * 1000 - math.floor(time[2] / 1000)
end
local function seenUntil(pending, conversation, nowMs, waitMs)
  redis.call('ZADD', pending, 'XX', nowMs + math.min(waitMs, ${PARKED_SEEN_MS}), conversation)
end
`;

/** Messages that any session may keep: a list that somebody made longer is not read for nothing. */
const MOST_SAID = 2 * SESSION_TURNS_MAX;

/**
 * What the worker needs to work on the head of the mailbox; KEYS as in CLAIM_SCRIPT. Begins the turn, or counts another
 * attempt at it. A head that is not due, or is for newer workers, stays as it is and the conversation is let go.
 */
const READ_HEAD = `${TAKE}${PARK}
local function waitOf(entry)
  if isNewer(entry) then return ${HAND_OVER_MS} end
  local due = string.match(entry, '^{"v":%d+,"notBefore":(%d+)', ${TIME_WIDTH + 1})
  if not due or redis.call('EXISTS', KEYS[4]) == 1 then return 0 end
  local wait = tonumber(due) - tonumber(ARGV[4])
  return wait <= ${MAX_DEBOUNCE_MS} and wait or 0
end
local function head()
  local entry = redis.call('LINDEX', KEYS[2], 0)
  if not entry then
    redis.call('ZREM', KEYS[3], ARGV[3])
    redis.call('DEL', KEYS[1])
    return { 'empty' }
  end
  local wait = waitOf(entry)
  local parked = redis.call('HGET', KEYS[4], 'parked')
  if parked and leftOf(tonumber(parked)) > 0 then
    wait = leftOf(tonumber(parked))
    seenUntil(KEYS[3], ARGV[3], tonumber(ARGV[4]), wait)
  end
  if wait > 0 then
    redis.call('DEL', KEYS[1])
    return { 'empty', wait }
  end
  local taken = take(KEYS[2], KEYS[4])
  redis.call('HINCRBY', KEYS[4], 'attempts', 1)
  redis.call('HSETNX', KEYS[4], 'state', 'received')
  redis.call('ZADD', KEYS[3], 'XX', ARGV[4], ARGV[3])
  return {
    'head', entry, redis.call('HGETALL', KEYS[4]), redis.call('LRANGE', KEYS[5], -${MOST_SAID}, -1), redis.call('HGETALL', KEYS[6]),
    taken > 1 and redis.call('LRANGE', KEYS[2], 1, taken - 1) or {}
  }
end
`;

/**
 * Takes ownership of a conversation and reads its head.
 *
 * KEYS  lock mailbox pending turn history settings
 * ARGV  owner lockMs conversation nowMs
 * → { 'busy' } | { 'empty' } | { 'empty', waitMs } | { 'head', entry, record, history, settings, also }
 */
export const CLAIM_SCRIPT = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return { 'busy' } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
${READ_HEAD}
return head()
`;

/** Writes down which messages are the bot's own, and announces them. */
const OWN = `
local function own(key, refs, nowMs, keep, ttlMs, channel, notice)
  for _, ref in ipairs(refs) do redis.call('ZADD', key, nowMs, ref) end
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - tonumber(keep))
  redis.call('PEXPIRE', key, ttlMs)
  redis.call('PUBLISH', channel, notice)
end
`;

/** KEYS ownRefs, ARGV nowMs keep ttlMs channel notice ref… */
export const OWN_SCRIPT = `${OWN}
own(KEYS[1], { unpack(ARGV, 6) }, unpack(ARGV, 1, 5))
`;

/**
 * Ends the head's turn: takes all that belongs to it from the mailbox, writes history, the bot's own references, the
 * archive row and the dead letter, and reads the next head, all at once. A crash before it repeats nothing that was
 * recorded; a crash after it has nothing left to do.
 *
 * KEYS  lock mailbox pending turn history settings depth archive ownRefs deadIndex deadLetters deadCounts deadDropped
 * ARGV  owner lockMs conversation nowMs expectedEntry archiveRow historyKeep historyTtlMs settingsTtlMs resetHistory(0|1|'-')
 *       ('-': nor is the conversation known from now on) model('' leaves it, '-' forgets it) ownKeep ownTtlMs ownChannel ownNotice deadLetter('' if none) turn tenant
 *       deadKeep turnsChannel turnNotice('' if none) refCount ref… historyMessage…
 * → { 'lost' } | as CLAIM_SCRIPT
 */
export const COMPLETE_SCRIPT = `${OWNER_ONLY}${OWN}
if redis.call('LINDEX', KEYS[2], 0) ~= ARGV[5] then return { 'lost' } end
local done = tonumber(redis.call('HGET', KEYS[4], 'taken') or '1')
redis.call('LTRIM', KEYS[2], done, -1)
redis.call('DEL', KEYS[4])
redis.call('DECRBY', KEYS[7], done)
redis.call('XADD', KEYS[8], '*', 'turn', ARGV[6])
if ARGV[16] ~= '' then
  redis.call('ZADD', KEYS[10], 0, ARGV[17])
  redis.call('HSET', KEYS[11], ARGV[17], ARGV[16])
  local over = redis.call('ZCARD', KEYS[10]) - tonumber(ARGV[19])
  if over > 0 then
    local oldest = redis.call('ZRANGE', KEYS[10], 0, over - 1)
    redis.call('ZREM', KEYS[10], unpack(oldest))
    redis.call('HDEL', KEYS[11], unpack(oldest))
    redis.call('HINCRBY', KEYS[13], ARGV[18], over)
  end
  redis.call('HSET', KEYS[12], ARGV[18], redis.call('ZCARD', KEYS[10]))
end
if ARGV[10] == '1' then redis.call('DEL', KEYS[5]) end
if ARGV[11] == '-' then redis.call('HDEL', KEYS[6], 'model')
elseif ARGV[11] ~= '' then redis.call('HSET', KEYS[6], 'model', ARGV[11]) end
if ARGV[10] ~= '-' then redis.call('HSET', KEYS[6], 'known', '1') end
if redis.call('HEXISTS', KEYS[6], 'human') == 1 then redis.call('PERSIST', KEYS[6])
else redis.call('PEXPIRE', KEYS[6], redis.call('HEXISTS', KEYS[6], 'model') == 1 and ARGV[9] or ARGV[8]) end
if ARGV[21] ~= '' then redis.call('PUBLISH', ARGV[20], ARGV[21]) end
local refs = tonumber(ARGV[22])
if refs > 0 then own(KEYS[9], { unpack(ARGV, 23, 22 + refs) }, ARGV[4], unpack(ARGV, 12, 15)) end
for i = 23 + refs, #ARGV do redis.call('RPUSH', KEYS[5], ARGV[i]) end
if tonumber(ARGV[7]) > 0 then redis.call('LTRIM', KEYS[5], -tonumber(ARGV[7]), -1) else redis.call('DEL', KEYS[5]) end
redis.call('PEXPIRE', KEYS[5], ARGV[8])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
${READ_HEAD}
return head()
`;

/**
 * Writes fields of the head's turn record, and keeps the conversation as a renewal does: whoever has just written need
 * not ask whether it may go on.
 *
 * KEYS  lock turn        ARGV  owner lockMs field value …        → { 'lost' } | { 'ok' }
 */
export const SAVE_SCRIPT = `${OWNER_ONLY}
redis.call('HSET', KEYS[2], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 'ok' }
`;

/**
 * Gives a conversation back, its messages still waiting; with `parkMs` a turn that has its answer is put aside.
 *
 * KEYS lock pending turn, ARGV owner conversation nowMs parkMs(0: it is not) → { 'lost' } | { 'ok' }
 */
export const RELEASE_SCRIPT = `${OWNER_ONLY}${PARK}
redis.call('DEL', KEYS[1])
local park = tonumber(ARGV[4])
if park > 0 and redis.call('HGET', KEYS[3], 'state') == 'answered' then
  redis.call('HSET', KEYS[3], 'parked', park - leftOf(0))
  seenUntil(KEYS[2], ARGV[2], tonumber(ARGV[3]), park)
end
return { 'ok' }
`;

/**
 * Keeps a conversation, and tells whether its turn was stopped, for an owner that missed the notice.
 *
 * KEYS lock pending turn, ARGV owner lockMs conversation nowMs → { 'lost' } | { 'ok', stop('' if not stopped) }
 */
export const RENEW_SCRIPT = `${OWNER_ONLY}
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], 'XX', ARGV[4], ARGV[3])
return { 'ok', redis.call('HGET', KEYS[3], 'stop') or '' }
`;

/**
 * Finds stranded conversations of one shard: waiting, without a sign of life since `olderThanMs`, or with one from so
 * far ahead that the clock which wrote it was wrong. Marks them as seen now, so that the next sweep looks at others first.
 *
 * KEYS pending, ARGV olderThanMs nowMs limit aheadMs → conversation ids
 */
export const SWEEP_SCRIPT = `
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, conversation in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[4], '+inf', 'LIMIT', 0, ARGV[3])) do
  found[#found + 1] = conversation
end
for _, conversation in ipairs(found) do redis.call('ZADD', KEYS[1], 'XX', ARGV[2], conversation) end
return found
`;
