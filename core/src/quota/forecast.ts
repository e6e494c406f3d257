import { periodsOf } from './calendar.ts';

const DAY_MS = 86_400_000;
/** In the first days of a month what it has cost so far says little. */
const SETTLED_AFTER_MS = 3 * DAY_MS;

export interface Spending {
  /** Since the month began. */
  spentUsd: number;
  /** In the seven days until now. */
  lastWeekUsd: number;
  /** Unix ms. */
  month: readonly [start: number, end: number];
  now: number;
}

export interface Forecast {
  /** What the whole month will come to: by the month so far once it is some days old, before that by the last week. */
  usd: number;
  /** If it goes on as since the month began; null at its very beginning. */
  byMonthUsd: number | null;
  /** If it goes on as in the last seven days. */
  byWeekUsd: number;
}

/** Where a month's spending is heading. Both ways are linear: a forecast that people can do in their heads. */
export function forecastOf({ spentUsd, lastWeekUsd, month: [start, end], now }: Spending): Forecast {
  const elapsed = Math.min(Math.max(now - start, 0), end - start);
  const left = end - start - elapsed;
  const byMonthUsd = elapsed === 0 ? null : (spentUsd * (end - start)) / elapsed;
  const byWeekUsd = spentUsd + (lastWeekUsd / (7 * DAY_MS)) * left;
  const isSettled = byMonthUsd !== null && elapsed >= SETTLED_AFTER_MS;
  return { usd: isSettled ? byMonthUsd : byWeekUsd, byMonthUsd, byWeekUsd };
}

/** The day and the month of a moment in a time zone; Unix ms, the end exclusive. */
export function calendarOf(at: number, timezone: string) {
  const { day, month } = periodsOf(at, timezone);
  return { day, month };
}
