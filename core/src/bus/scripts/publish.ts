/**
 * Makes one message durable: dedupe, bounded mailbox, pending mark, in one step.
 *
 * Waiting messages stand in the order in which people sent them, whatever order the platform delivered them in: an
 * entry begins with its time, fixed width. One whose turn has begun is never overtaken.
 *
 * KEYS  mailbox pending lock depth flood ownRefs seen…
 * ARGV  conversation entry nowMs maxMailbox dedupeMs floodNoticeMs eventsChannel notice timeWidth
 *       ownRef('' if none) ownTtlMs ownRefsChannel ownNotice
 * → { outcome, wake, depth }
 *    outcome: 'accepted' | 'duplicate' | 'flooded' | 'flooded_quietly'
 *    wake: 1 when nobody owns the conversation, so that a wake job is due. A duplicate of a message that still waits
 *    wakes too: its first delivery may have died between this script and the wake job.
 */
export const PUBLISH_SCRIPT = `
local wake = 1 - redis.call('EXISTS', KEYS[3])
for i = 7, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    for j = 7, #KEYS do redis.call('SET', KEYS[j], '1', 'PX', ARGV[5], 'NX') end
    if redis.call('EXISTS', KEYS[1]) == 0 then wake = 0 end
    return { 'duplicate', wake, tonumber(redis.call('GET', KEYS[4]) or '0') }
  end
end
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  local first = redis.call('SET', KEYS[5], '1', 'PX', ARGV[6], 'NX')
  return { first and 'flooded' or 'flooded_quietly', wake, tonumber(redis.call('GET', KEYS[4]) or '0') }
end
for i = 7, #KEYS do redis.call('SET', KEYS[i], '1', 'PX', ARGV[5]) end
local time = string.sub(ARGV[2], 1, ARGV[9])
local first = 1 - wake
local at = redis.call('LLEN', KEYS[1])
local next = false
while at > first do
  local before = redis.call('LINDEX', KEYS[1], at - 1)
  if string.sub(before, 1, ARGV[9]) <= time then break end
  next = before
  at = at - 1
end
if next then redis.call('LINSERT', KEYS[1], 'BEFORE', next, ARGV[2]) else redis.call('RPUSH', KEYS[1], ARGV[2]) end
if ARGV[10] ~= '' then
  redis.call('ZADD', KEYS[6], ARGV[3], ARGV[10])
  redis.call('PEXPIRE', KEYS[6], ARGV[11])
  redis.call('PUBLISH', ARGV[12], ARGV[13])
end
redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[1])
local depth = redis.call('INCR', KEYS[4])
redis.call('PUBLISH', ARGV[7], ARGV[8])
return { 'accepted', wake, depth }
`;
