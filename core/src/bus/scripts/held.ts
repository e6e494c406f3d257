import type { RedisClient } from '../redis.ts';
import { defineScript } from './run.ts';

const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** A key that one process holds by having its own value in it: only that one may do anything to it. */
export interface HeldKeys {
  /** → 1: it is kept for `ms` from now on; 0: somebody else has it, or nobody. */
  renew(key: string, value: string, ms: number): Promise<unknown>;
  release(key: string, value: string): Promise<unknown>;
}

export function heldKeys(redis: RedisClient): HeldKeys {
  const renew = defineScript(redis, 'parleyLeaseRenew', RENEW);
  const release = defineScript(redis, 'parleyLeaseRelease', RELEASE);
  return {
    renew: (key, value, ms) => renew([key], [value, ms]),
    release: (key, value) => release([key], [value]),
  };
}
