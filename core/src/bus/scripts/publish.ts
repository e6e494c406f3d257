import { STOP, TAKE } from './mailbox.ts';

/**
 * Makes one message durable: dedupe, bounded mailbox, pending mark, in one step.
 *
 * Waiting messages stand in the order in which people sent them, whatever order the platform delivered them in: an
 * entry begins with its time, fixed width. What belongs to a turn that has begun is never overtaken.
 *
 * KEYS  mailbox pending lock depth flood ownRefs turn seen…
 * ARGV  conversation entry nowMs maxMailbox dedupeMs floodNoticeMs eventsChannel notice timeWidth
 *       ownRef('' if none) ownTtlMs ownRefsChannel ownNotice seenValue stops('' | 'newer' | 'command')
 * → { outcome, wake, depth }
 *    outcome: 'accepted' | 'duplicate' | 'flooded' | 'flooded_quietly' | 'stopped' | 'stopped_late'
 *    wake: 1 when nobody owns the conversation, so that a wake job is due. A duplicate of a message that still waits
 *    wakes too: its first delivery may have died between this script and the wake job.
 *
 * `stops` = 'command': instead of waiting, the message ends the head's answer, even before a worker has begun it. Only
 * when there is none it waits like any other, and is told so in its turn.
 */
export const PUBLISH_SCRIPT = `${TAKE}${STOP}
local wake = 1 - redis.call('EXISTS', KEYS[3])
local function depth() return tonumber(redis.call('GET', KEYS[4]) or '0') end
for i = 8, #KEYS do
  local known = redis.call('GET', KEYS[i])
  if known then
    for j = 8, #KEYS do redis.call('SET', KEYS[j], known, 'PX', ARGV[5], 'NX') end
    if redis.call('EXISTS', KEYS[1]) == 0 then wake = 0 end
    return { 'duplicate', wake, depth() }
  end
end
local length = redis.call('LLEN', KEYS[1])
if ARGV[15] == 'command' and length > 0 then
  for i = 8, #KEYS do redis.call('SET', KEYS[i], ARGV[14], 'PX', ARGV[5]) end
  take(KEYS[1], KEYS[7])
  local stopped = stop(KEYS[1], KEYS[7], ARGV[1], 'command')
  return { stopped and 'stopped' or 'stopped_late', wake, depth() }
end
if length >= tonumber(ARGV[4]) then
  local first = redis.call('SET', KEYS[5], '1', 'PX', ARGV[6], 'NX')
  return { first and 'flooded' or 'flooded_quietly', wake, depth() }
end
for i = 8, #KEYS do redis.call('SET', KEYS[i], ARGV[14], 'PX', ARGV[5]) end
local time = string.sub(ARGV[2], 1, ARGV[9])
local begun = redis.call('EXISTS', KEYS[7]) == 1
local first = begun and take(KEYS[1], KEYS[7]) or 0
local at = length
local next = false
while at > first do
  local before = redis.call('LINDEX', KEYS[1], at - 1)
  if string.sub(before, 1, ARGV[9]) <= time then break end
  next = before
  at = at - 1
end
if next then redis.call('LINSERT', KEYS[1], 'BEFORE', next, ARGV[2]) else redis.call('RPUSH', KEYS[1], ARGV[2]) end
if begun and ARGV[15] == 'newer' and string.sub(redis.call('LINDEX', KEYS[1], 0), 1, ARGV[9]) <= time then
  stop(KEYS[1], KEYS[7], ARGV[1], 'newer')
end
if ARGV[10] ~= '' then
  redis.call('ZADD', KEYS[6], ARGV[3], ARGV[10])
  redis.call('PEXPIRE', KEYS[6], ARGV[11])
  redis.call('PUBLISH', ARGV[12], ARGV[13])
end
redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[1])
redis.call('PUBLISH', ARGV[7], ARGV[8])
return { 'accepted', wake, redis.call('INCR', KEYS[4]) }
`;
