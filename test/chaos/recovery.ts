import { createHash } from 'node:crypto';
import type { RecordedRequest } from '@parley/simulators/models';
import { groupBy } from './judge.ts';
import type { Ledger, PlatformName } from './ledger.ts';
import { askedIn } from './questions.ts';

export interface Kill {
  at: number;
  what: string;
  /** False: something froze. It ends what is measured from an earlier kill, and is no kill. */
  isKill: boolean;
  /** Chats whose answer may have hung on what was killed. */
  hit: { platform: PlatformName; chat: string }[];
}

/** A time in which a platform, or the network before it, took no messages. */
export interface Outage {
  platform: PlatformName;
  from: number;
  until: number;
}

/** What was killed: Redis, everything, or a process by its name. */
export type Victim = 'redis' | 'hub' | { role: 'gateway' | 'worker' | 'start'; name: string };

/** Keeps every kill with what it may have interrupted. */
export interface Kills {
  readonly all: readonly Kill[];
  readonly outages: readonly Outage[];
  happened(what: string, victim: Victim): void;
  /** Something stopped for a while. */
  froze(what: string, victim: Victim): void;
  unreachable(outage: Outage): void;
}

/** Each process has a model key of its own, so that a request tells who made it. */
export const modelKeyOf = (name: string) => `sk-${name}`;
const fingerprintOf = (name: string) => createHash('sha256').update(modelKeyOf(name)).digest('hex').slice(0, 12);

/** Requests looked through for the last one of a question: the newest, several for each chat. */
const RECENT = 500;

export function createKills(ledger: Ledger, requests: readonly RecordedRequest[]): Kills {
  const all: Kill[] = [];
  const outages: Outage[] = [];

  /** Whether the question's answer may have been in that process's hands: nobody, or it, was the last to ask the model. */
  function isWith(marker: string, victim: Victim, recent: readonly RecordedRequest[]): boolean {
    if (typeof victim === 'string' || victim.role === 'start') return true;
    // A gateway has nothing in hand but what is not accepted, and that waits for the platform's next delivery.
    if (victim.role === 'gateway') return false;
    const last = recent.find(({ chat }) => isAbout(chat, marker));
    return !last || last.keyFingerprint === fingerprintOf(victim.name);
  }

  function write(what: string, victim: Victim, isKill: boolean): void {
    const recent = requests.slice(-RECENT).reverse();
    const waiting = ledger.outstanding().filter(({ acceptedAt }) => acceptedAt);
    const first = new Map(waiting.reverse().map((question) => [question.chat, question]));
    const hit = [...first.values()].filter(({ marker }) => isWith(marker, victim, recent));
    all.push({ at: Date.now(), what, isKill, hit: hit.map(({ platform, chat }) => ({ platform, chat })) });
  }

  return {
    all,
    outages,
    happened: (what, victim) => write(what, victim, true),
    froze: (what, victim) => write(what, victim, false),
    unreachable: (outage) => void outages.push(outage),
  };
}

const isAbout = (asked: RecordedRequest['chat'], marker: string) =>
  askedIn(asked?.messages.at(-1)?.content ?? '') === marker;

/**
 * Seconds from each kill to the next complete answer in each chat that it hit. Where a chat was hit again before it had
 * recovered, the later kill counts; where it was frozen, none does, and where its platform took no messages meanwhile
 * neither: that is not the hub's time, and the chat is `leftOut`.
 */
export function recoveries({ all, outages }: Kills, ledger: Ledger, platform?: PlatformName): Recoveries {
  const answered = [...ledger.questions.values()].filter(({ completeAt }) => completeAt !== undefined);
  const inChat = groupBy(answered, ({ chat }) => chat);
  const latest = new Map<string, Recovery | undefined>();
  for (const { at, what, isKill, hit } of all) {
    for (const { chat, platform: where } of hit) {
      if (platform !== undefined && where !== platform) continue;
      const later = (inChat.get(chat) ?? []).filter(({ completeAt = 0 }) => completeAt > at);
      const next = later.toSorted((a, b) => (a.completeAt as number) - (b.completeAt as number))[0];
      if (!next) continue;
      const until = next.completeAt as number;
      const isOut = outages.some((one) => one.platform === where && one.from < until && one.until > at);
      const recovery = { seconds: (until - at) / 1000, what, at, marker: next.marker };
      latest.set(next.marker, isKill && !isOut ? recovery : undefined);
    }
  }
  const measured = [...latest.values()].filter((recovery) => recovery !== undefined);
  return { measured: measured.sort((a, b) => a.seconds - b.seconds), leftOut: latest.size - measured.length };
}

export interface Recoveries {
  /** The quickest first. */
  measured: Recovery[];
  leftOut: number;
}

export interface Recovery {
  seconds: number;
  what: string;
  /** When the kill was, Unix milliseconds. */
  at: number;
  /** Whose answer was the first one complete after it. */
  marker: string;
}

/** The value below which that share of the sorted numbers lies; undefined without numbers. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? sorted[0];
}
