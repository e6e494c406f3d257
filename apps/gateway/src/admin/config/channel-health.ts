import type { RedisClient } from '@parley/core/bus';

/** What a gateway notes about a channel as events come in. */
export interface ChannelHealth {
  /** `outcome` as in `parley_events_total`; `seen`: what kind of event it was (`direct`, `group`, `mention`, …). */
  note(channel: string, outcome: string, seen?: string): void;
  read(channel: string): Promise<ChannelFacts>;
  close(): Promise<void>;
}

export interface ChannelFacts {
  /** Unix ms; undefined: never, as far as anybody remembers. */
  lastEventAt: number | undefined;
  lastMessageAt: number | undefined;
  lastSignatureFailureAt: number | undefined;
  /** By outcome, over the last 24 hours. */
  outcomes: Record<string, number>;
  seen: string[];
}

const FLUSH_MS = 1_000;
const HOUR_MS = 3_600_000;
const HOURS = 24;
const FACTS_TTL_MS = 90 * 24 * HOUR_MS;
/** Outcomes that mean that the event was for the bot. */
export const TAKEN: ReadonlySet<string> = new Set(['accepted', 'duplicate', 'flooded', 'stopped']);

interface Pending {
  outcomes: Map<string, number>;
  seen: Set<string>;
  lastEventAt?: number;
  lastMessageAt?: number;
  lastSignatureFailureAt?: number;
}

const factsKey = (channel: string) => `parley:{health}:${channel}`;
const hourKey = (channel: string, hour: number) => `parley:{health}:${channel}:${hour}`;

/**
 * Counts in memory and writes once a second, so that a message costs nothing; what a crash loses is a second of
 * statistics. Bounded by the configured channels.
 */
export function createChannelHealth(redis: RedisClient, now: () => number = Date.now): ChannelHealth {
  let pending = new Map<string, Pending>();

  async function flush(): Promise<void> {
    if (pending.size === 0) return;
    const batch = pending;
    pending = new Map();
    const hour = Math.floor(now() / HOUR_MS);
    const writes = redis.pipeline();
    for (const [channel, { outcomes, seen, ...moments }] of batch) {
      const facts = { ...moments, ...Object.fromEntries([...seen].map((kind) => [`seen:${kind}`, '1'])) };
      writes.hset(factsKey(channel), facts).pexpire(factsKey(channel), FACTS_TTL_MS);
      for (const [outcome, count] of outcomes) writes.hincrby(hourKey(channel, hour), outcome, count);
      writes.pexpire(hourKey(channel, hour), (HOURS + 1) * HOUR_MS);
    }
    await writes.exec();
  }
  const timer = setInterval(() => void flush().catch(() => undefined), FLUSH_MS);

  return {
    note(channel, outcome, seen) {
      const entry: Pending = pending.get(channel) ?? { outcomes: new Map(), seen: new Set() };
      pending.set(channel, entry);
      entry.outcomes.set(outcome, (entry.outcomes.get(outcome) ?? 0) + 1);
      if (seen) entry.seen.add(seen);
      if (outcome === 'refused_unauthorized') entry.lastSignatureFailureAt = now();
      else entry.lastEventAt = now();
      if (TAKEN.has(outcome)) entry.lastMessageAt = now();
    },

    async read(channel) {
      const hour = Math.floor(now() / HOUR_MS);
      const hours = Array.from({ length: HOURS }, (_, back) => hourKey(channel, hour - back));
      const [facts, ...counted] = await Promise.all([factsKey(channel), ...hours].map((key) => redis.hgetall(key)));
      const outcomes: Record<string, number> = {};
      for (const counts of counted) {
        for (const [outcome, count] of Object.entries(counts))
          outcomes[outcome] = (outcomes[outcome] ?? 0) + Number(count);
      }
      const moment = (name: string) => (facts?.[name] === undefined ? undefined : Number(facts[name]));
      return {
        lastEventAt: moment('lastEventAt'),
        lastMessageAt: moment('lastMessageAt'),
        lastSignatureFailureAt: moment('lastSignatureFailureAt'),
        outcomes,
        seen: Object.keys(facts ?? {}).flatMap((name) => (name.startsWith('seen:') ? [name.slice(5)] : [])),
      };
    },

    async close() {
      clearInterval(timer);
      await flush().catch(() => undefined);
    },
  };
}
