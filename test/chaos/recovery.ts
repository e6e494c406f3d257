import type { RecordedRequest } from '@parley/simulators/models';
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
export function recoveries(kills: readonly Kill[], ledger: Ledger, platform?: PlatformName): number[] {
  const completed = new Map<string, number[]>();
  for (const { chat, completeAt } of ledger.questions.values()) {
    if (completeAt !== undefined) completed.set(chat, [...(completed.get(chat) ?? []), completeAt]);
  }
  const latest = new Map<string, number>();
  for (const { at, hit } of kills) {
    for (const { chat, request, platform: where } of hit) {
      if (request?.outcome === 'complete' || (platform !== undefined && where !== platform)) continue;
      const next = Math.min(...(completed.get(chat) ?? []).filter((time) => time > at));
      if (!Number.isFinite(next)) continue;
      latest.set(`${chat} ${next}`, (next - at) / 1000);
    }
  }
  return [...latest.values()].sort((a, b) => a - b);
}

/** The value below which that share of the sorted numbers lies; undefined without numbers. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? sorted[0];
}
