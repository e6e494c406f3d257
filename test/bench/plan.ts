import {
  BOLT,
  DIRECT,
  hub,
  PROXY,
  QUEUE_SDK,
  QUEUE_UNDICI,
  RAW_HMAC,
  RAW_XADD,
  splitHub,
  TELEGRAF,
  VERCEL_CHAT,
} from './contestants/index.ts';
import type { Results } from './measure/results.ts';
import type { Stage } from './stage.ts';
import { playBacklog } from './workloads/backlog.ts';
import { playChatApi } from './workloads/chat-api.ts';
import { playColdStart } from './workloads/cold-start.ts';
import { playHistory } from './workloads/history.ts';
import { playMessages } from './workloads/messages.ts';
import { playProfile } from './workloads/profile.ts';
import { countRedisCommands, countRoundTrips } from './workloads/redis-cost.ts';
import { playScale } from './workloads/scale.ts';
import { playSoak } from './workloads/soak.ts';
import { playStreams } from './workloads/streams.ts';

export const SIZES = ['tiny', 'quick', 'full'] as const;
export type Size = (typeof SIZES)[number];

/** One thing to do; the steps of a round follow one another, so that rounds are interleaved. */
export interface Step {
  name: string;
  /** How often, spread over the run. */
  rounds: number;
  play(stage: Stage, results: Results): Promise<unknown>;
}

const DURATIONS = {
  tiny: { warmQuestions: 50, openSeconds: 0.5, closedSeconds: 0.5 },
  quick: { warmQuestions: 1500, openSeconds: 1.5, closedSeconds: 2 },
  full: { warmQuestions: 2000, openSeconds: 2.5, closedSeconds: 2.5 },
};

const SOAK_MESSAGES = 1_000_000;

export function planOf(size: Size, soak: boolean): Step[] {
  if (soak) return [{ name: 'soak', rounds: 1, play: (stage, results) => playSoak(stage, SOAK_MESSAGES, results) }];
  const durations = DURATIONS[size];
  const rounds = size === 'full' ? 3 : 1;
  const pick = <T>(full: T, quick: T): T => (size === 'full' ? full : quick);
  const slack = {
    name: 'Slack',
    platform: 'slack' as const,
    durations,
    contestants: [
      RAW_XADD,
      QUEUE_UNDICI,
      QUEUE_SDK,
      BOLT,
      VERCEL_CHAT,
      hub({ platforms: ['slack'] }),
      splitHub({ platforms: ['slack'] }),
    ],
  };
  const telegram = {
    name: 'Telegram',
    platform: 'telegram' as const,
    durations,
    contestants: [TELEGRAF, hub({ platforms: ['telegram'] })],
  };
  const feishu = {
    name: 'Feishu, encrypted',
    platform: 'feishu' as const,
    durations,
    contestants: [hub({ platforms: ['feishu'] })],
  };
  const chatter = {
    name: 'not for the bot',
    platform: 'slack' as const,
    isChatter: true,
    durations,
    contestants: [RAW_HMAC, hub({ platforms: ['slack'] })],
  };
  const chatApi = {
    contestants: [DIRECT, PROXY, hub({ platforms: [] })],
    concurrencies: [1, 32, 256],
    seconds: pick(1, 0.8),
  };
  return [
    { name: 'slack', rounds, play: (stage, results) => playMessages(stage, slack, results) },
    { name: 'telegram', rounds, play: (stage, results) => playMessages(stage, telegram, results) },
    { name: 'feishu', rounds, play: (stage, results) => playMessages(stage, feishu, results) },
    { name: 'chatter', rounds, play: (stage, results) => playMessages(stage, chatter, results) },
    { name: 'api', rounds, play: (stage, results) => playChatApi(stage, chatApi, results) },
    {
      name: 'redis',
      rounds: 1,
      async play(stage, results) {
        await countRedisCommands(stage, 'slack', results);
        await countRoundTrips(stage, results);
      },
    },
    { name: 'profile', rounds: 1, play: (stage, results) => playProfile(stage, pick(5, 2), results) },
    {
      name: 'streams',
      rounds: 1,
      play: (stage, results) => playStreams(stage, { conversations: pick(1000, 1000) }, results),
    },
    { name: 'cold', rounds, play: playColdStart },
    ...(size === 'full'
      ? [
          {
            name: 'history',
            rounds: 1,
            play: (stage: Stage, results: Results) =>
              playHistory(stage, { turns: [10, 100, 200], questions: 1500 }, results),
          },
          {
            name: 'scale',
            rounds: 1,
            play: (stage: Stage, results: Results) => playScale(stage, { workers: [1, 2, 4], seconds: 5 }, results),
          },
        ]
      : []),
    {
      name: 'backlog',
      rounds: 1,
      play: (stage, results) =>
        playBacklog(stage, { messages: pick(200_000, 10_000), drainSeconds: pick(10, 3) }, results),
    },
  ];
}
