import type { Periods } from './keys.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** One formatter per time zone; there are some four hundred, and making one is dear. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

/** The wall clock of a time zone at a moment, as if it were UTC; Unix ms. */
function wallClock(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * The first moment at which a wall clock of the zone shows that time; where a clock change skips it, the moment just
 * after: some zones put their clocks forward at midnight.
 */
function momentOf(wall: number, timeZone: string): number {
  const offset = (at: number) => wallClock(at, timeZone) - at;
  const guesses = [wall - offset(wall - DAY_MS), wall - offset(wall + DAY_MS)];
  let [before, after] = [Math.min(...guesses), Math.max(...guesses)];
  if (wallClock(before, timeZone) === wall) return before;
  while (wallClock(before, timeZone) < wall && after - before > SECOND_MS) {
    const middle = Math.floor((before + after) / 2 / SECOND_MS) * SECOND_MS;
    if (wallClock(middle, timeZone) < wall) before = middle;
    else after = middle;
  }
  return after;
}

/** The day and month that each zone was last asked for: they are asked for with every question. */
const latest = new Map<string, Pick<Periods, 'day' | 'month'>>();

/** The periods of a moment; days and months by the wall clock of the zone. */
export function periodsOf(at: number, timeZone: string): Periods {
  let dates = latest.get(timeZone);
  if (!dates || at < dates.day[0] || at >= dates.day[1]) {
    dates = datesOf(at, timeZone);
    latest.set(timeZone, dates);
  }
  return { minute: Math.floor(at / MINUTE_MS), hour: Math.floor(at / HOUR_MS), ...dates };
}

function datesOf(at: number, timeZone: string): Pick<Periods, 'day' | 'month'> {
  const local = new Date(wallClock(at, timeZone));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const moment = (y: number, m: number, d: number) => momentOf(Date.UTC(y, m, d), timeZone);
  return {
    day: [moment(year, month, day), moment(year, month, day + 1)],
    month: [moment(year, month, 1), moment(year, month + 1, 1)],
  };
}

/** The name that each zone was last asked for, and of which moment. */
const latestName = new Map<string, { at: number; name: string }>();

/** The month as `2026-11`, by the zone's calendar. */
export function monthName(at: number, timeZone: string): string {
  const known = latestName.get(timeZone);
  if (known?.at === at) return known.name;
  const name = new Date(wallClock(at, timeZone)).toISOString().slice(0, 7);
  latestName.set(timeZone, { at, name });
  return name;
}
