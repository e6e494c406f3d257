import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { keys } from './keys.ts';
import type { RedisClient } from './redis.ts';
import { heldKeys } from './scripts/held.ts';
import { defineScript } from './scripts/run.ts';

/**
 * Runs something on exactly one process at a time, over all processes that share the Redis.
 *
 * A lease lives `LEASE_MS` and is renewed every third of that. Its holder's `signal` aborts as soon as a renewal finds
 * it lost, and at the latest when the lease would have run out while Redis could not be reached: so a holder that was
 * cut off stops before another one starts. `fence` rises with every holder; whatever the holder writes can carry it.
 */
export interface LeaseOptions {
  redis: RedisClient;
  /** Unique per process. */
  owner: string;
  logger: Logger;
  leaseMs?: number;
}

export interface Leases {
  /**
   * Holds the lease `name` whenever it is free and runs `work` while holding it; again after a pause when `work` ends
   * or fails. Resolves once `signal` has aborted and the lease is given back.
   */
  runExclusive(name: string, work: (held: HeldLease) => Promise<void>, signal: AbortSignal): Promise<void>;
}

export interface HeldLease {
  signal: AbortSignal;
  fence: number;
}

const LEASE_MS = 6_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

/** KEYS lease; ARGV owner ms. The value is `owner fence`. → fence, or 0 when somebody else holds it. */
const ACQUIRE = `
local held = redis.call('GET', KEYS[1])
if held then
  local owner, fence = string.match(held, '^(%S+) (%d+)$')
  if owner ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(fence)
end
local fence = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. fence, 'PX', ARGV[2])
return fence
`;

export function createLeases({ redis, owner, logger, leaseMs = LEASE_MS }: LeaseOptions): Leases {
  const acquire = defineScript(redis, 'parleyLeaseAcquire', ACQUIRE);
  const held = heldKeys(redis);

  /** Renews until the lease is lost or `stop` aborts; resolves then. */
  async function keep(key: string, value: string, since: number, stop: AbortSignal): Promise<void> {
    let validUntil = since + leaseMs;
    while (!stop.aborted) {
      await pause(leaseMs / 3, stop);
      if (stop.aborted) return;
      const asked = performance.now();
      // A renewal that hangs must not outlive the lease: whoever cannot prove ownership in time has lost it.
      const answer = await Promise.race([
        held.renew(key, value, leaseMs).catch(() => undefined),
        pause(validUntil - asked, stop),
      ]);
      if (answer === 1) validUntil = asked + leaseMs;
      else if (answer === 0 || performance.now() + leaseMs / 3 >= validUntil) return;
    }
  }

  async function holdOnce(
    name: string,
    work: (held: HeldLease) => Promise<void>,
    signal: AbortSignal,
  ): Promise<'busy' | 'ended'> {
    const key = keys.lease(name);
    // Not the process's name alone: what it stopped may still be ending when it begins the same thing anew.
    const holder = `${owner}.${randomUUID()}`;
    const asked = performance.now();
    const fence = Number(await acquire([key, `${key}:fence`], [holder, leaseMs]));
    if (fence === 0) return 'busy';
    const lost = new AbortController();
    const done = new AbortController();
    const value = `${holder} ${fence}`;
    const stop = AbortSignal.any([signal, done.signal]);
    const keeping = keep(key, value, asked, stop).finally(() => lost.abort());
    try {
      await work({ signal: AbortSignal.any([signal, lost.signal]), fence });
    } finally {
      done.abort();
      await keeping;
      await held.release(key, value).catch(() => undefined);
    }
    return 'ended';
  }

  return {
    async runExclusive(name, work, signal) {
      let failures = 0;
      while (!signal.aborted) {
        const started = performance.now();
        const outcome = await holdOnce(name, work, signal).catch((error: unknown) => {
          if (!signal.aborted)
            logger.warn(
              { lease: name, error: error instanceof Error ? error.message : String(error) },
              'exclusive work failed',
            );
          return 'failed' as const;
        });
        // Work that ran well for a while starts from the short pause again.
        failures = outcome === 'failed' && performance.now() - started < RETRY_MAX_MS ? failures + 1 : 0;
        const wait =
          outcome === 'busy' ? leaseMs / 3 : Math.min(RETRY_MIN_MS * 2 ** Math.max(0, failures - 1), RETRY_MAX_MS);
        await pause(wait * (0.75 + Math.random() / 2), signal);
      }
    },
  };
}

/** Waits, or until the signal aborts; never rejects. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
}
