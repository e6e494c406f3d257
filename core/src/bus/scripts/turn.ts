/** The first lines of every script that only the owner of a conversation may run. KEYS[1] is the lock, ARGV[1] the owner. */
const OWNER_ONLY = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 'lost' } end
`;

/** What the worker needs to work on the head of the mailbox; KEYS as in CLAIM_SCRIPT. Counts the attempt. */
const READ_HEAD = `
local function head()
  local entry = redis.call('LINDEX', KEYS[2], 0)
  if not entry then
    redis.call('ZREM', KEYS[3], ARGV[3])
    redis.call('DEL', KEYS[1])
    return { 'empty' }
  end
  redis.call('HINCRBY', KEYS[4], 'attempts', 1)
  redis.call('HSETNX', KEYS[4], 'state', 'received')
  redis.call('ZADD', KEYS[3], 'XX', ARGV[4], ARGV[3])
  return { 'head', entry, redis.call('HGETALL', KEYS[4]), redis.call('LRANGE', KEYS[5], 0, -1), redis.call('HGETALL', KEYS[6]) }
end
`;

/**
 * Takes ownership of a conversation and reads its head.
 *
 * KEYS  lock mailbox pending turn history settings
 * ARGV  owner lockMs conversation nowMs
 * → { 'busy' } | { 'empty' } | { 'head', entry, record, history, settings }
 */
export const CLAIM_SCRIPT = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return { 'busy' } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
${READ_HEAD}
return head()
`;

/**
 * Ends the head's turn: takes it from the mailbox, writes history, the bot's own references and the archive row, and
 * reads the next head, all at once. A crash before it repeats nothing that was recorded; a crash after it has nothing
 * left to do.
 *
 * KEYS  lock mailbox pending turn history settings depth archive ownRefs
 * ARGV  owner lockMs conversation nowMs expectedEntry archiveRow historyKeep historyTtlMs settingsTtlMs resetHistory(0|1)
 *       model('' leaves it, '-' forgets it) ownKeep ownTtlMs ownChannel ownNotice refCount ref… historyMessage…
 * → { 'lost' } | { 'empty' } | { 'head', … }
 */
export const COMPLETE_SCRIPT = `${OWNER_ONLY}
if redis.call('LINDEX', KEYS[2], 0) ~= ARGV[5] then return { 'lost' } end
redis.call('LPOP', KEYS[2])
redis.call('DEL', KEYS[4])
redis.call('DECR', KEYS[7])
redis.call('XADD', KEYS[8], '*', 'turn', ARGV[6])
if ARGV[10] == '1' then redis.call('DEL', KEYS[5]) end
if ARGV[11] == '-' then redis.call('HDEL', KEYS[6], 'model')
elseif ARGV[11] ~= '' then redis.call('HSET', KEYS[6], 'model', ARGV[11]) end
redis.call('HSET', KEYS[6], 'known', '1')
redis.call('PEXPIRE', KEYS[6], redis.call('HEXISTS', KEYS[6], 'model') == 1 and ARGV[9] or ARGV[8])
local refs = tonumber(ARGV[16])
for i = 17, 16 + refs do redis.call('ZADD', KEYS[9], ARGV[4], ARGV[i]) end
if refs > 0 then
  redis.call('ZREMRANGEBYRANK', KEYS[9], 0, -1 - tonumber(ARGV[12]))
  redis.call('PEXPIRE', KEYS[9], ARGV[13])
  redis.call('PUBLISH', ARGV[14], ARGV[15])
end
for i = 17 + refs, #ARGV do redis.call('RPUSH', KEYS[5], ARGV[i]) end
if tonumber(ARGV[7]) > 0 then redis.call('LTRIM', KEYS[5], -tonumber(ARGV[7]), -1) else redis.call('DEL', KEYS[5]) end
redis.call('PEXPIRE', KEYS[5], ARGV[8])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
${READ_HEAD}
return head()
`;

/**
 * Writes fields of the head's turn record.
 *
 * KEYS  lock turn        ARGV  owner field value …        → { 'lost' } | { 'ok' }
 */
export const SAVE_SCRIPT = `${OWNER_ONLY}
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
return { 'ok' }
`;

/** Gives a conversation back, its messages still waiting. KEYS lock, ARGV owner. */
export const RELEASE_SCRIPT = `${OWNER_ONLY}
redis.call('DEL', KEYS[1])
return { 'ok' }
`;

/**
 * Keeps a conversation. KEYS lock pending, ARGV owner lockMs conversation nowMs. → { 'lost' } | { 'ok' }
 */
export const RENEW_SCRIPT = `${OWNER_ONLY}
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], 'XX', ARGV[4], ARGV[3])
return { 'ok' }
`;

/**
 * Finds stranded conversations of one shard: waiting, without a sign of life since `olderThanMs`. Marks them as seen
 * now, so that the next sweep looks at others first.
 *
 * KEYS pending, ARGV olderThanMs nowMs limit → conversation ids
 */
export const SWEEP_SCRIPT = `
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, conversation in ipairs(found) do redis.call('ZADD', KEYS[1], 'XX', ARGV[2], conversation) end
return found
`;
