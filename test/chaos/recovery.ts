import type { RecordedRequest } from '@parley/simulators/models';
import { groupBy } from './judge.ts';
import type { Ledger, PlatformName } from './ledger.ts';
import { askedIn } from './questions.ts';
import type { Role } from './supervisor.ts';

export interface Kill {
  at: number;
  what: string;
  /** Chats whose answer may have hung on what was killed, with the request to the model that was under way then. */
  hit: { platform: PlatformName; chat: string; request: RecordedRequest | undefined }[];
}

/** Keeps every kill with what it may have interrupted. */
export interface Kills {
  readonly all: readonly Kill[];
  happened(what: string, victim: Role | 'redis'): void;
}

/** Requests looked through for the open one of a question: the newest, more than there are chats. */
const RECENT = 200;

export function createKills(ledger: Ledger, requests: readonly RecordedRequest[]): Kills {
  const all: Kill[] = [];
  return {
    all,
    happened(what, victim) {
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
      all.push({ at: Date.now(), what, hit });
    },
  };
}

const isAbout = (asked: RecordedRequest['chat'], marker: string) =>
  askedIn(asked?.messages.at(-1)?.content ?? '') === marker;

/**
 * Seconds from each kill to the next complete answer in each chat that it hit. A chat whose worker was another one (its
 * request to the model went on to its end) was not hit. Where a chat was hit again before it had recovered, the later
 * kill counts.
 */
export function recoveries(kills: readonly Kill[], ledger: Ledger, platform?: PlatformName): Recovery[] {
  const answered = [...ledger.questions.values()].filter(({ completeAt }) => completeAt !== undefined);
  const inChat = groupBy(answered, ({ chat }) => chat);
  const latest = new Map<string, Recovery>();
  for (const { at, what, hit } of kills) {
    for (const { chat, request, platform: where } of hit) {
      if (request?.outcome === 'complete' || (platform !== undefined && where !== platform)) continue;
      const later = (inChat.get(chat) ?? []).filter(({ completeAt = 0 }) => completeAt > at);
      const next = later.toSorted((a, b) => (a.completeAt as number) - (b.completeAt as number))[0];
      if (!next) continue;
      latest.set(next.marker, { seconds: ((next.completeAt as number) - at) / 1000, what, at, marker: next.marker });
    }
  }
  return [...latest.values()].sort((a, b) => a.seconds - b.seconds);
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
