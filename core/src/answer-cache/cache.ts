import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { RedisClient } from '../bus/index.ts';
import { heldKeys } from '../bus/scripts/held.ts';
import type { Sealer } from '../secrets/index.ts';
import { createRenewal } from './renewal.ts';
import type { AnswerCache, CachedAnswer, CacheKeyParts, CacheLookup } from './types.ts';

export interface AnswerCacheOptions {
  /** A client that fails at once: a cache may never hold a question up. */
  redis: RedisClient;
  sealer: Sealer;
  /** Memory for answers. */
  maxBytes: number;
  logger: Logger;
}

type Miss = Extract<CacheLookup, { status: 'miss' }>;
type LookupOptions = Parameters<AnswerCache['lookup']>[1];

/** Longer answers are not kept. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** How long others wait for an answer after the process that made it gave its last sign of life. */
const LEASE_MS = 4_500;
const POLL_MS = 100;
/** How long a purge in another process may go unnoticed by the memory of this one. */
const GENERATION_MS = 2_000;
const MAX_TENANTS = 10_000;
/** Beside its text: key, model, numbers. */
const ENTRY_BYTES = 300;
/** See the `AnswerCache` interface. */
export function createAnswerCache({ redis, sealer, maxBytes, logger }: AnswerCacheOptions): AnswerCache {
  const memory = new LRUCache<string, CachedAnswer>({
    maxSize: maxBytes,
    sizeCalculation: ({ text, model }) => 2 * (text.length + model.length) + ENTRY_BYTES,
  });
  /** Answers that this process is making; others in it wait for them. Bounded by the questions under way. */
  const making = new Map<string, Promise<void>>();
  const held = heldKeys(redis);
  const renewal = createRenewal((key, owner) => void quietly(held.renew(leaseOf(key), owner, LEASE_MS), 0));
  const generations = new LRUCache<string, number>({ max: MAX_TENANTS, ttl: GENERATION_MS });

  /** Redis away: the memory must do, and nobody is told twice a second. */
  const quietly = async <T>(work: Promise<T>, otherwise: T): Promise<T> =>
    work.catch((error: Error) => {
      logger.debug({ err: error }, 'the answer cache goes on without Redis');
      return otherwise;
    });

  async function generationOf(tenant: string): Promise<number> {
    const known = generations.get(tenant);
    if (known !== undefined) return known;
    const generation = await quietly(redis.get(`${prefix(tenant)}:generation`).then(Number), 0);
    generations.set(tenant, generation);
    return generation;
  }

  async function open(key: string, sealed: string, ttlMs: number): Promise<CachedAnswer | undefined> {
    try {
      const answer = JSON.parse(sealer.open(sealed, key)) as CachedAnswer;
      const leftMs = await quietly(redis.pttl(key), -1);
      memory.set(key, answer, { ttl: leftMs > 0 ? leftMs : ttlMs });
      return answer;
    } catch {
      return undefined; // sealed under an earlier master key
    }
  }

  /**
   * Asks for the right to make the answer and for the answer itself, in this order and in one go: whoever made it has
   * stored it before giving the right back, so nobody who gets the right without an answer makes it a second time.
   */
  async function claim(key: string, owner: string): Promise<{ won: boolean; sealed: string | null }> {
    const [lease, sealed] = await Promise.all([
      quietly(redis.set(leaseOf(key), owner, 'PX', LEASE_MS, 'NX'), 'OK' as const),
      quietly(redis.get(key), null),
    ]);
    return { won: lease === 'OK', sealed };
  }

  /** This asker makes the answer; whoever asks the same meanwhile waits until it has come to an end. */
  function begin(key: string, owner: string | undefined, ttlMs: number): Miss {
    const ended = Promise.withResolvers<void>();
    making.set(key, ended.promise);
    if (owner) renewal.begin(key, owner);
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      making.delete(key);
      if (owner) {
        renewal.end(owner);
        void quietly(held.release(leaseOf(key), owner), 0);
      }
      ended.resolve();
    };
    return {
      status: 'miss',
      async put(answer) {
        if (over) return;
        if (Buffer.byteLength(answer.text) <= MAX_ANSWER_BYTES) {
          memory.set(key, answer, { ttl: ttlMs });
          await quietly(redis.set(key, sealer.seal(JSON.stringify(answer), key), 'PX', ttlMs), null);
        }
        end();
      },
      abandon: end,
    };
  }

  async function lookup(parts: CacheKeyParts, { ttlMs, waitMs, signal }: LookupOptions): Promise<CacheLookup> {
    const key = keyOf(parts, await generationOf(parts.tenant));
    const deadline = performance.now() + waitMs;
    for (;;) {
      const near = memory.get(key);
      if (near) return { status: 'hit', level: 'memory', answer: near };
      const inProcess = making.get(key);
      if (!inProcess) {
        const owner = randomUUID();
        const mine = begin(key, owner, ttlMs);
        const { won, sealed } = await claim(key, owner);
        const far = sealed === null ? undefined : await open(key, sealed, ttlMs);
        if (!far && (won || performance.now() >= deadline)) return mine;
        mine.abandon();
        if (far) return { status: 'hit', level: 'redis', answer: far };
      }
      if (performance.now() >= deadline) return begin(key, undefined, ttlMs);
      await Promise.race([
        inProcess ?? sleep(POLL_MS),
        sleep(Math.max(0, deadline - performance.now()), undefined, { ref: false }),
        aborted(signal),
      ]);
      signal.throwIfAborted();
    }
  }

  return {
    lookup,
    async purge(tenant) {
      for (const key of memory.keys()) if (key.startsWith(`${prefix(tenant)}:`)) memory.delete(key);
      generations.delete(tenant);
      await purgeAnswers(redis, tenant);
    },
    get bytes() {
      return memory.calculatedSize;
    },
  };
}

/** Makes every process forget a tenant's answers, within a few seconds; for those that have no cache of their own. */
export async function purgeAnswers(redis: RedisClient, tenant: string): Promise<void> {
  await redis.incr(`${prefix(tenant)}:generation`);
}

const prefix = (tenant: string) => `parley:answers:${tenant}`;
const leaseOf = (key: string) => `${key}:lease`;

/**
 * The key tells nothing of the question, and names tenant and generation, so that no other can come by it. The braces
 * keep an answer and its lease on one node of a cluster.
 */
function keyOf(parts: CacheKeyParts, generation: number): string {
  const hash = createHash('sha256').update(canonical(parts)).digest('base64url');
  return `${prefix(parts.tenant)}:${generation}:{${hash}}`;
}

/** JSON whose objects have their keys in order, and no undefined ones. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
