import type { RecordedRequest } from '@parley/simulators/models';
import { groupBy } from './judge.ts';
import type { Ledger, PlatformName } from './ledger.ts';
import { askedIn } from './questions.ts';
import type { Role } from './supervisor.ts';

export interface Kill {
  at: number;
  what: string;
  /** False: something froze. It ends what is measured from an earlier kill, and is no kill. */
  isKill: boolean;
  /** Chats whose answer may have hung on what was killed, with the request to the model that was under way then. */
  hit: { platform: PlatformName; chat: string; request: RecordedRequest | undefined }[];
}

/** Keeps every kill with what it may have interrupted. */
export interface Kills {
  readonly all: readonly Kill[];
  happened(what: string, victim: Role | 'redis'): void;
  /** Something stopped for a while. */
  froze(what: string, victim: Role | 'redis'): void;
}

/** Requests looked through for the open one of a question: the newest, more than there are chats. */
const RECENT = 200;

export function createKills(ledger: Ledger, requests: readonly RecordedRequest[]): Kills {
  const all: Kill[] = [];

  function write(what: string, victim: Role | 'redis', isKill: boolean): void {
    const recent = requests.slice(-RECENT).reverse();
    // A gateway has nothing in hand but what is not accepted, and that waits for the platform's next delivery.
    const waiting = victim === 'gateway' ? [] : ledger.outstanding().filter(({ acceptedAt }) => acceptedAt);
    const first = new Map(waiting.reverse().map((question) => [question.chat, question]));
    const hit = [...first.values()].map(({ marker, platform, chat }) => ({
      platform,
      chat,
      request:
        victim === 'worker' ? recent.find((one) => one.outcome === 'open' && isAbout(one.chat, marker)) : undefined,
    }));
    all.push({ at: Date.now(), what, isKill, hit });
  }

  return {
    all,
    happened: (what, victim) => write(what, victim, true),
    froze: (what, victim) => write(what, victim, false),
  };
}

const isAbout = (asked: RecordedRequest['chat'], marker: string) =>
  askedIn(asked?.messages.at(-1)?.content ?? '') === marker;

/**
 * Seconds from each kill to the next complete answer in each chat that it hit. A chat whose worker was another one (its
 * request to the model went on to its end) was not hit. Where a chat was hit again before it had recovered, the later
 * kill counts; where it was frozen, none does.
 */
export function recoveries(kills: readonly Kill[], ledger: Ledger, platform?: PlatformName): Recovery[] {
  const answered = [...ledger.questions.values()].filter(({ completeAt }) => completeAt !== undefined);
  const inChat = groupBy(answered, ({ chat }) => chat);
  const latest = new Map<string, Recovery | undefined>();
  for (const { at, what, isKill, hit } of kills) {
    for (const { chat, request, platform: where } of hit) {
      if (request?.outcome === 'complete' || (platform !== undefined && where !== platform)) continue;
      const later = (inChat.get(chat) ?? []).filter(({ completeAt = 0 }) => completeAt > at);
      const next = later.toSorted((a, b) => (a.completeAt as number) - (b.completeAt as number))[0];
      if (!next) continue;
      const seconds = ((next.completeAt as number) - at) / 1000;
      latest.set(next.marker, isKill ? { seconds, what, at, marker: next.marker } : undefined);
    }
  }
  const measured = [...latest.values()].filter((recovery) => recovery !== undefined);
  return measured.sort((a, b) => a.seconds - b.seconds);
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
