import { defineScript, type RedisClient, type ScriptArgument } from '@parley/core/bus';

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

/** Channels written by one script: a bound on how long Redis does nothing else. */
const CHANNELS_A_WRITE = 100;

/**
 * Writes what was noted of many channels: all their keys have one hash tag.
 *
 * KEYS  facts hour, a pair for each channel
 * ARGV  factsTtlMs hourTtlMs, then for each channel: fieldCount field value … outcomeCount outcome count …
 */
const WRITE = `
local at = 3
local function pairsDo(each)
  local last = at + 2 * tonumber(ARGV[at])
  for i = at + 1, last, 2 do each(ARGV[i], ARGV[i + 1]) end
  at = last + 1
end
for i = 1, #KEYS, 2 do
  pairsDo(function(field, value) redis.call('HSET', KEYS[i], field, value) end)
  pairsDo(function(outcome, count) redis.call('HINCRBY', KEYS[i + 1], outcome, count) end)
  redis.call('PEXPIRE', KEYS[i], ARGV[1])
  redis.call('PEXPIRE', KEYS[i + 1], ARGV[2])
end
return 1
`;

/**
 * Counts in memory and writes once a second, all channels in one script, so that a message costs nothing; what a crash
 * loses is a second of statistics. Bounded by the configured channels.
 */
export function createChannelHealth(redis: RedisClient, now: () => number = Date.now): ChannelHealth {
  const write = defineScript(redis, 'parleyChannelHealth', WRITE);
  let pending = new Map<string, Pending>();

  async function flush(): Promise<void> {
    if (pending.size === 0) return;
    const batch = [...pending];
    pending = new Map();
    const hour = Math.floor(now() / HOUR_MS);
    for (let at = 0; at < batch.length; at += CHANNELS_A_WRITE) {
      const part = batch.slice(at, at + CHANNELS_A_WRITE);
      await write(
        part.flatMap(([channel]) => [factsKey(channel), hourKey(channel, hour)]),
        [FACTS_TTL_MS, (HOURS + 1) * HOUR_MS, ...part.flatMap(([, noted]) => argumentsOf(noted))],
      );
    }
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

function argumentsOf({ outcomes, seen, ...moments }: Pending): ScriptArgument[] {
  const facts = [...Object.entries(moments), ...[...seen].map((kind) => [`seen:${kind}`, '1'] as const)];
  return [facts.length, ...facts.flat(), outcomes.size, ...[...outcomes].flat()];
}
