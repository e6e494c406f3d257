import type { Periods } from './keys.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

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

/** The moment at which a wall clock of the zone shows that time; where a clock change skips it, the moment just after. */
function momentOf(wall: number, timeZone: string): number {
  const offset = (at: number) => wallClock(at, timeZone) - Math.floor(at / 1000) * 1000;
  const guess = wall - offset(wall);
  return wall - offset(guess);
}

/** The periods of a moment; days and months by the wall clock of the zone. */
export function periodsOf(at: number, timeZone: string): Periods {
  const local = new Date(wallClock(at, timeZone));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const moment = (y: number, m: number, d: number) => momentOf(Date.UTC(y, m, d), timeZone);
  return {
    minute: Math.floor(at / MINUTE_MS),
    hour: Math.floor(at / HOUR_MS),
    day: [moment(year, month, day), moment(year, month, day + 1)],
    month: [moment(year, month, 1), moment(year, month + 1, 1)],
  };
}

/** The month as `2026-11`, by the zone's calendar. */
export function monthName(at: number, timeZone: string): string {
  return new Date(wallClock(at, timeZone)).toISOString().slice(0, 7);
}
