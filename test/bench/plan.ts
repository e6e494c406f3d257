import {
  BOLT,
  DIRECT,
  hub,
  PROXY,
  QUEUE_SDK,
  QUEUE_UNDICI,
  RAW_HMAC,
  RAW_XADD,
  SPLIT_WORKLOAD,
  splitHub,
  TELEGRAF,
  VERCEL_CHAT,
} from './contestants/index.ts';
import type { Results } from './measure/results.ts';
import type { Stage } from './stage.ts';
import { type Entry, playArena } from './workloads/arena.ts';
import { playBacklog } from './workloads/backlog.ts';
import { chatApiEntries } from './workloads/chat-api.ts';
import { playColdStarts } from './workloads/cold-start.ts';
import { playGrowth, SIZES_OF_GROWTH } from './workloads/growth.ts';
import { HISTORIES, playHistory } from './workloads/history.ts';
import { messageEntries } from './workloads/messages.ts';
import { playProfile } from './workloads/profile.ts';
import { countRedisCommands, countRoundTrips } from './workloads/redis-cost.ts';
import { playScale } from './workloads/scale.ts';
import { playSoak } from './workloads/soak.ts';
import { playStreams } from './workloads/streams.ts';

export type Size = 'quick' | 'full';

export interface Step {
  name: string;
  /** How long it may take on a machine like the one of docs/performance.md, in seconds. */
  seconds: number;
  /** How long it may take where there is time, in seconds; else some times `seconds`. */
  atMostSeconds?: number;
  /** @param untilMs when it has to be over, so that all others find their time (`performance.now`) */
  play(stage: Stage, results: Results, untilMs: number): Promise<unknown>;
}

/** What is compared with others, in the rounds of the arena. */
export const MATCHES = ['slack', 'telegram', 'feishu', 'chatter', 'api'] as const;
export type Match = (typeof MATCHES)[number];
/** Of these `--quick` has time for. */
const QUICK_MATCHES: readonly Match[] = ['slack', 'chatter', 'api'];

interface Sizes {
  rounds: number;
  warm: { warmQuestions: number; warmSeconds: number };
  openSeconds: number;
  closedSeconds: number;
  apiSeconds: number;
  apiWarmSeconds: number;
  concurrencies: number[];
  /** The hub as gateway and worker, too. */
  split: boolean;
}

const ARENA: Record<Size, Sizes> = {
  full: {
    rounds: 3,
    warm: { warmQuestions: 4500, warmSeconds: 10 },
    openSeconds: 2,
    closedSeconds: 2,
    apiSeconds: 0.8,
    apiWarmSeconds: 5,
    concurrencies: [1, 32, 256],
    split: true,
  },
  quick: {
    rounds: 1,
    warm: { warmQuestions: 2000, warmSeconds: 2 },
    openSeconds: 1,
    closedSeconds: 1,
    apiSeconds: 0.5,
    apiWarmSeconds: 0.5,
    concurrencies: [32],
    split: false,
  },
};

/** The backlog's processes, and what is answered of it. */
const AFTER_PILE_SECONDS = 30;

/** @param matches what of the arena is wanted; default all that the size has time for */
export function planOf(size: Size, matches: readonly Match[] = matchesOf(size), rounds = ARENA[size].rounds): Step[] {
  const isFull = size === 'full';
  const pick = (full: number, quick: number) => (isFull ? full : quick);
  const arena = { workloads: matches.flatMap((match) => entriesOf(match, ARENA[size])), rounds };
  const onlyFull = true;
  const steps: (Step & { onlyFull?: true })[] = [
    {
      name: 'arena',
      seconds: pick(260, 46),
      play: (stage, results, untilMs) => playArena(stage, { ...arena, untilMs }, results),
    },
    {
      name: 'redis',
      seconds: pick(36, 16),
      async play(stage, results) {
        const redisSize = isFull
          ? { questions: 300, idleSeconds: 4, lateQuestions: 12, floors: [QUEUE_UNDICI] }
          : { questions: 150, idleSeconds: 2, lateQuestions: 8, floors: [] };
        await countRedisCommands(stage, 'slack', redisSize, results);
        await countRoundTrips(stage, redisSize, results);
      },
    },
    {
      name: 'cold',
      seconds: pick(31, 11),
      play: (stage, results) => playColdStarts(stage, pick(2, 1), results),
    },
    {
      name: 'streams',
      onlyFull,
      seconds: 36,
      play: (stage, results) => playStreams(stage, { conversations: 1000, few: 20 }, results),
    },
    {
      name: 'history',
      onlyFull,
      seconds: 38,
      play: (stage, results) =>
        playHistory(stage, { cases: HISTORIES, rounds: 2, conversations: 250, warmQuestions: 1500 }, results),
    },
    {
      name: 'growth',
      onlyFull,
      seconds: 55,
      play: (stage, results) =>
        playGrowth(stage, { sizes: SIZES_OF_GROWTH, warmQuestions: 1500, questions: 500, rounds: 2 }, results),
    },
    { name: 'profile', onlyFull, seconds: 18, play: (stage, results) => playProfile(stage, 4, results) },
    {
      name: 'backlog',
      seconds: pick(40, 10),
      atMostSeconds: pick(300, 60),
      play: (stage, results, untilMs) =>
        playBacklog(
          stage,
          isFull
            ? { messages: 200_000, publishSeconds: pileSeconds(untilMs), warmSeconds: 6, drainSeconds: 8 }
            : { messages: 6_000, publishSeconds: 4, warmSeconds: 1, drainSeconds: 2 },
          results,
        ),
    },
    {
      name: 'scale',
      onlyFull,
      seconds: 37,
      play: (stage, results) => playScale(stage, { workers: [1, 2, 4], seconds: 3 }, results),
    },
  ];
  return steps.filter((step) => isFull || !step.onlyFull);
}

/** All the time that others leave, which is enough for all messages when nothing else is measured. */
function pileSeconds(untilMs: number): number {
  return Math.max(18, (untilMs - performance.now()) / 1000 - AFTER_PILE_SECONDS);
}

export function matchesOf(size: Size): readonly Match[] {
  return size === 'full' ? MATCHES : QUICK_MATCHES;
}

/** @param tell takes one line of progress */
export function soakOf(messages: number, tell: (line: string) => void): Step[] {
  return [{ name: 'soak', seconds: 7200, play: (stage, results) => playSoak(stage, messages, results, tell) }];
}

function entriesOf(match: Match, sizes: Sizes): Entry[][] {
  const { warm, openSeconds, closedSeconds, concurrencies, apiSeconds, apiWarmSeconds } = sizes;
  const durations = { ...warm, openSeconds, closedSeconds };
  /** The code that all platforms share is compiled by then. */
  const later = {
    warmQuestions: warm.warmQuestions / 3,
    warmSeconds: warm.warmSeconds / 3,
    openSeconds: openSeconds * 0.75,
    closedSeconds: closedSeconds * 0.75,
  };
  switch (match) {
    case 'slack': {
      const contestants = [RAW_XADD, QUEUE_UNDICI, QUEUE_SDK, BOLT, VERCEL_CHAT, EVERYWHERE];
      const twoProcesses = sizes.split ? [TWO_PROCESSES] : [];
      const split = { name: SPLIT_WORKLOAD, platform: 'slack' as const, durations, contestants: twoProcesses };
      return [
        [...messageEntries({ name: 'Slack', platform: 'slack', durations, contestants }), ...messageEntries(split)],
      ];
    }
    case 'telegram': {
      const contestants = [TELEGRAF, EVERYWHERE];
      return [messageEntries({ name: 'Telegram', platform: 'telegram', durations: later, contestants })];
    }
    case 'feishu':
      return [
        messageEntries({ name: 'Feishu, encrypted', platform: 'feishu', durations: later, contestants: [EVERYWHERE] }),
      ];
    case 'chatter': {
      const contestants = [RAW_HMAC, EVERYWHERE];
      const quiet = { ...durations, openSeconds: 0, closedSeconds: closedSeconds * 0.6 };
      return [
        messageEntries({ name: 'not for the bot', platform: 'slack', isChatter: true, durations: quiet, contestants }),
      ];
    }
    case 'api': {
      const contestants = [DIRECT, PROXY, EVERYWHERE];
      return chatApiEntries({ contestants, concurrencies, seconds: apiSeconds, warmSeconds: apiWarmSeconds });
    }
  }
}

/** One hub for everything that is compared, as a company has it. */
const EVERYWHERE = hub({ platforms: ['slack', 'telegram', 'feishu'] });
/** As it runs in production; configured alike, as both keep the configuration's versions in one database. */
const TWO_PROCESSES = splitHub({ platforms: ['slack', 'telegram', 'feishu'], ownRedis: true });
