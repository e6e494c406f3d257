/** Takes a letter out, if it is there. KEYS index letters counts, ARGV turn tenant. */
const TAKE_OUT = `
local function takeOut()
  if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return false end
  redis.call('HDEL', KEYS[2], ARGV[1])
  local kept = redis.call('ZCARD', KEYS[1])
  if kept == 0 then redis.call('HDEL', KEYS[3], ARGV[2]) else redis.call('HSET', KEYS[3], ARGV[2], kept) end
  return true
end
`;

/** → 1, or 0 when it is gone. */
export const DROP_SCRIPT = `${TAKE_OUT}
return takeOut() and 1 or 0
`;

/**
 * Turns a dead letter into a waiting message, once.
 *
 * KEYS  index letters counts mailbox pending depth lock
 * ARGV  turn tenant conversation entry nowMs maxMailbox
 * → { 'replayed', wake } | { 'gone' } | { 'full' }
 */
export const REPLAY_SCRIPT = `${TAKE_OUT}
if redis.call('LLEN', KEYS[4]) >= tonumber(ARGV[6]) then return { 'full' } end
if not takeOut() then return { 'gone' } end
redis.call('RPUSH', KEYS[4], ARGV[4])
redis.call('ZADD', KEYS[5], 'NX', ARGV[5], ARGV[3])
redis.call('INCR', KEYS[6])
return { 'replayed', 1 - redis.call('EXISTS', KEYS[7]) }
`;
