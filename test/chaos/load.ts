import { setTimeout as sleep } from 'node:timers/promises';
import type { Chat, Crowd } from './crowd.ts';
import { type Ledger, PLATFORMS } from './ledger.ts';
import type { Random } from './random.ts';

export interface LoadOptions {
  crowd: Crowd;
  ledger: Ledger;
  random: Random;
  /** At least as many; more while `goOn` says so. */
  questions: number;
  goOn: () => boolean;
  /** Over how long they are spread, at best. */
  durationMs: number;
  signal: AbortSignal;
}

/** Questions a chat may have waiting: people do not wait for an answer, but not for ever either. */
const MAX_WAITING = 3;
/** All chats together: when the hub is behind, the load waits for it. */
const MAX_OUTSTANDING = 60;
const BURST_GAP_MS = [60, 500] as const;
/** How much of the time lost in an outage is made good by asking faster afterwards. */
const CATCH_UP_MS = 5_000;

/** People ask in many chats at once, now and then several questions on end. Resolves when all have been asked. */
export async function ask({ crowd, ledger, random, questions, goOn, durationMs, signal }: LoadOptions): Promise<void> {
  const bursts = new Set<Promise<void>>();
  const gapMs = durationMs / questions;
  let asked = 0;
  let next = performance.now();

  async function burst(chat: Chat, size: number): Promise<void> {
    chat.busy = true;
    for (let i = 0; i < size; i++) {
      if (i > 0) await sleep(random.between(...BURST_GAP_MS));
      await crowd.ask(chat);
    }
    chat.busy = false;
  }

  for (let round = 0; (asked < questions || goOn()) && !signal.aborted; round++) {
    const wait = next - performance.now();
    if (wait > 0) await sleep(wait);
    const platform = PLATFORMS[round % PLATFORMS.length];
    const chat = random.pick(crowd.chats.filter((one) => one.platform === platform));
    const waiting = ledger.outstanding(chat.name).length;
    if (chat.busy || waiting >= MAX_WAITING || ledger.outstanding().length >= MAX_OUTSTANDING) {
      await sleep(20);
      continue;
    }
    const size = random.between(1, MAX_WAITING - waiting);
    asked += size;
    next = Math.max(next, performance.now() - CATCH_UP_MS) + size * gapMs;
    const running = burst(chat, size).finally(() => bursts.delete(running));
    bursts.add(running);
  }
  await Promise.all(bursts);
}
