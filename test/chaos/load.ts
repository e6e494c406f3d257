import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../support/index.ts';
import { type Ledger, PLATFORMS, type PlatformName } from './ledger.ts';
import { questionText } from './questions.ts';
import type { Random } from './random.ts';

export interface LoadOptions {
  world: World;
  ledger: Ledger;
  random: Random;
  questions: number;
  /** Over how long they are spread, at best. */
  durationMs: number;
  /** Numbers of the chats begin here, so that no two loads share one. */
  firstChat: number;
  signal: AbortSignal;
}

/** Chats on each platform, every other one a group. */
const CHATS_EACH = 24;
/** Questions a chat may have waiting: people do not wait for an answer, but not for ever either. */
const MAX_WAITING = 3;
/** All chats together: when the hub is behind, the load waits for it. */
const MAX_OUTSTANDING = 60;
const BURST_GAP_MS = [60, 500] as const;

interface Chat {
  name: string;
  number: number;
  platform: PlatformName;
  kind: 'direct' | 'group';
  asked: number;
  busy: boolean;
}

/** People ask in many chats at once, now and then several questions on end. Resolves when all are asked. */
export async function ask(options: LoadOptions): Promise<void> {
  const { world, ledger, random, questions, durationMs, signal } = options;
  const chats = makeChats(options.firstChat);
  const bursts = new Set<Promise<void>>();
  const gapMs = durationMs / questions;
  let asked = 0;
  let tried = 0;
  let next = performance.now();

  async function burst(chat: Chat, size: number): Promise<void> {
    chat.busy = true;
    for (let i = 0; i < size; i++) {
      if (i > 0) await sleep(random.between(...BURST_GAP_MS));
      await say(world, ledger, chat);
    }
    chat.busy = false;
  }

  while (asked < questions && !signal.aborted) {
    const wait = next - performance.now();
    if (wait > 0) await sleep(wait);
    const platform = PLATFORMS[tried++ % PLATFORMS.length];
    const chat = random.pick(chats.filter((one) => one.platform === platform));
    const waiting = ledger.outstanding(chat.name).length;
    if (chat.busy || waiting >= MAX_WAITING || ledger.outstanding().length >= MAX_OUTSTANDING) {
      await sleep(20);
      continue;
    }
    const size = Math.min(random.between(1, MAX_WAITING - waiting), questions - asked);
    asked += size;
    next = Math.max(next, performance.now() - 5_000) + size * gapMs;
    const running = burst(chat, size).finally(() => bursts.delete(running));
    bursts.add(running);
  }
  await Promise.all(bursts);
}

function makeChats(first: number): Chat[] {
  return PLATFORMS.flatMap((platform, place) =>
    Array.from({ length: CHATS_EACH }, (_, i): Chat => {
      const number = first + place * CHATS_EACH + i;
      return { name: `chat${number}`, number, platform, kind: i % 2 === 0 ? 'direct' : 'group', asked: 0, busy: false };
    }),
  );
}

async function say(world: World, ledger: Ledger, chat: Chat): Promise<void> {
  chat.asked++;
  const { name, number, platform, kind, asked } = chat;
  const marker = `q${number}-${asked}`;
  ledger.ask({ marker, platform, chat: name, index: asked });
  // In a group several people ask by turns.
  const from = kind === 'direct' ? `person${number}` : `person${number}x${asked % 3}`;
  await world[platform].say({ chat: name, kind, from, text: questionText(marker), mentionBot: kind === 'group' });
}
