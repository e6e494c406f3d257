/**
 * Notes who answers in a conversation from now on; whoever was first keeps it. The settings no longer expire then: a
 * conversation does not fall back to the bot because nobody wrote for a while.
 *
 * KEYS settings takenOver, ARGV conversation operator listEntry most → { 'taken' } | { 'held', operator } | { 'full' }
 */
export const TAKE_OVER_SCRIPT = `
local holder = redis.call('HGET', KEYS[1], 'human')
if holder then return { 'held', holder } end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then return { 'full' } end
redis.call('HSET', KEYS[1], 'human', ARGV[2])
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return { 'taken' }
`;

/** KEYS settings takenOver, ARGV conversation ttlMs → 1, or 0 when nobody had taken it over. */
export const GIVE_BACK_SCRIPT = `
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('HDEL', KEYS[1], 'human') == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;
