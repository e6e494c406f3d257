import type { RedisClient } from './redis.ts';
import { defineScript } from './scripts/run.ts';

/**
 * Counts one more in a window that begins with the first and ends `windowMs` later; rejects while Redis is away.
 *
 * @returns how many there were, this one included, and how long the window lasts yet, in milliseconds
 */
export type CountInWindow = (key: string, windowMs: number) => Promise<[count: number, leftMs: number]>;

/** KEYS counter, ARGV windowMs → { count, msLeft }. */
const COUNT = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return { count, left }
`;

export function createFixedWindow(redis: RedisClient): CountInWindow {
  const script = defineScript(redis, 'parleyCountInWindow', COUNT);
  return (key, windowMs) => script([key], [windowMs]) as Promise<[number, number]>;
}
