/**
 * Changes or takes away a message that waits; what belongs to a turn that has begun stays as it is.
 *
 * KEYS  mailbox turn pending depth
 * ARGV  conversation entry newEntry('' takes it away)
 * → 'applied' | 'late' | 'changed' (the entry is not there any more: look again)
 */
export const AMEND_SCRIPT = `
local at = redis.call('LPOS', KEYS[1], ARGV[2])
if not at then return 'changed' end
if redis.call('EXISTS', KEYS[2]) == 1 and at < tonumber(redis.call('HGET', KEYS[2], 'taken') or '1') then return 'late' end
if ARGV[3] ~= '' then
  redis.call('LSET', KEYS[1], at, ARGV[3])
  return 'applied'
end
redis.call('LREM', KEYS[1], 1, ARGV[2])
redis.call('DECR', KEYS[4])
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('ZREM', KEYS[3], ARGV[1]) end
return 'applied'
`;
