import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RedisClient } from '../bus/index.ts';
import { defineScript, type RunScript } from '../bus/scripts/run.ts';
import { createPlaces, type Places } from './places.ts';
import { SHARES_SCRIPT } from './shares-script.ts';

export interface ShareTimes {
  /** How long a share lasts that nobody renews: so soon the places of a process that died are others'. */
  leaseMs: number;
  renewMs: number;
  /** How often one that is short asks again. */
  retryMs: number;
}

export interface SharesOptions extends Partial<ShareTimes> {
  redis: RedisClient;
  /** Unique per process. */
  owner: string;
}

/**
 * The places of endpoints, bounded over all processes: each holds a share of every endpoint that it uses, some room
 * included, and looks after it in the background. A question that finds room asks nobody; only one that comes to an
 * endpoint which this process has not used for a while, or is near the bound, waits for Redis.
 */
export interface Shares {
  /** Places at an endpoint, of `bound` in all. */
  placesAt(endpoint: string, bound: number): Places;
  close(): Promise<void>;
}

const LEASE_MS = 10_000;
const RENEW_MS = 2_000;
const RETRY_MS = 100;
/** A share that has not been used for so long is given back. */
const IDLE_MS = 60_000;
/** Part of the lease after which it counts as over here: before the others think so. */
const SURE_SHARE = 0.8;
const MAX_ENDPOINTS = 10_000;

export function createShares({ redis, owner, ...options }: SharesOptions): Shares {
  const { leaseMs = LEASE_MS, renewMs = RENEW_MS, retryMs = RETRY_MS } = options;
  const script = defineScript(redis, 'parleyShares', SHARES_SCRIPT);
  const shares = new LRUCache<string, Share>({ max: MAX_ENDPOINTS, dispose: (share) => share.close() });

  const beat = setInterval(() => {
    for (const share of shares.values()) share.beat(performance.now());
  }, renewMs);
  beat.unref();

  return {
    placesAt(endpoint, bound) {
      let share = shares.get(endpoint);
      if (!share) {
        const hash = createHash('sha256').update(endpoint).digest('base64url').slice(0, 22);
        share = createShare({ script, redis, owner, leaseMs, renewMs, retryMs }, hash);
        shares.set(endpoint, share);
      }
      share.setBound(bound);
      return share.places;
    },
    async close() {
      clearInterval(beat);
      await Promise.allSettled([...shares.values()].map((share) => share.close()));
    },
  };
}

interface Share {
  places: Places;
  setBound(bound: number): void;
  /** Renews it, or gives it back. */
  beat(now: number): void;
  close(): Promise<unknown>;
}

interface ShareDeps extends ShareTimes, Pick<SharesOptions, 'redis' | 'owner'> {
  script: RunScript;
}

/** What this process holds of one endpoint. */
function createShare({ script, redis, owner, leaseMs, renewMs, retryMs }: ShareDeps, name: string): Share {
  const key = `parley:shares:${name}`;
  let bound = 1;
  let asking = false;
  let again = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let sureUntil = 0;
  let processes = 1;
  let contended = false;
  let usedAt = performance.now();

  const places = createPlaces({
    onShort: () => void ask(),
    // Others wait for it; nobody here does.
    onFree() {
      usedAt = performance.now();
      if (contended) void ask();
    },
  });

  /** Looks for a larger share, or gives back what is too much; asked for while it is at it, it asks once more. */
  async function ask(): Promise<void> {
    again = asking;
    if (asking || closed) return;
    asking = true;
    await renew();
    asking = false;
    if (again) return ask();
    const isShort = places.waiting > 0 && places.taken >= places.limit;
    clearTimeout(retry);
    if (isShort && !closed) retry = setTimeout(() => void ask(), retryMs);
    retry?.unref();
  }

  async function renew(): Promise<void> {
    const before = performance.now();
    const { taken, waiting } = places;
    try {
      const answer = await script([key], [owner, bound, taken + waiting, taken, leaseMs, renewMs]);
      const [limit, count, isContended] = answer as [number, number, number];
      [processes, contended] = [count, isContended === 1];
      sureUntil = before + leaseMs * SURE_SHARE;
      places.limit = limit;
    } catch {
      // Redis away: once the share may be another's, everybody keeps to an equal part.
      if (performance.now() >= sureUntil) places.limit = Math.max(1, Math.floor(bound / processes));
    }
  }

  return {
    places,
    setBound(next) {
      usedAt = performance.now();
      if (bound === next) return;
      bound = next;
      if (sureUntil > 0) void ask();
    },
    beat(now) {
      const isIdle = places.taken === 0 && places.waiting === 0 && now - usedAt > IDLE_MS;
      if (!isIdle) return void ask();
      if (places.limit === 0) return;
      places.limit = 0;
      redis.hdel(key, owner).catch(() => undefined); // else it runs out
    },
    close() {
      closed = true;
      clearTimeout(retry);
      return redis.hdel(key, owner).catch(() => undefined);
    },
  };
}
