import type { Platform } from '../message/index.ts';

const HOUR_MS = 3_600_000;

/**
 * How long a delivered event is remembered: longer than the platform's redelivery ladder.
 *
 * - Slack tries again at once, after 1 min and after 5 min, and after a failing app is back delayed events may come for
 *   about an hour.
 * - Feishu tries again after 15 s, 5 min, 1 h and 6 h, so the last try comes 7 h 6 min after the first, and duplicates
 *   are possible after a success.
 * - Telegram keeps an update that was not taken for 24 h.
 *
 * Memory is bounded by rate × time: one remembered event takes about 190 bytes (120–140 by `MEMORY USAGE`, the rest is its
 * place in Redis' tables of keys and of expiries; test/bus/dedupe.test.ts measures it). At 50 messages for the bot every
 * second that is 200 MB for Slack, where one post has up to three names, 310 MB for Feishu and 860 MB for Telegram.
 */
export const DEDUPE_MS: Readonly<Record<Platform, number>> = {
  slack: 2 * HOUR_MS,
  feishu: 9 * HOUR_MS,
  telegram: 25 * HOUR_MS,
};
