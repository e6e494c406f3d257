import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calendarOf, forecastOf } from './forecast.ts';

const DAY = 86_400_000;
const month: [number, number] = [0, 30 * DAY];

test('a settled month goes on as it began', () => {
  expect(forecastOf({ spentUsd: 10, lastWeekUsd: 7, month, now: 10 * DAY })).toEqual({
    usd: 30,
    byMonthUsd: 30,
    byWeekUsd: 30,
  });
});

test('a young month is judged by the last week', () => {
  const young = forecastOf({ spentUsd: 6, lastWeekUsd: 14, month, now: DAY });
  expect(young.usd).toBe(young.byWeekUsd);
  expect(young.byWeekUsd).toBeCloseTo(6 + 2 * 29);
  expect(forecastOf({ spentUsd: 0, lastWeekUsd: 0, month, now: 0 })).toEqual({
    usd: 0,
    byMonthUsd: null,
    byWeekUsd: 0,
  });
});

test('a forecast is never below what was spent, and equals it at the end of the month', () => {
  const usd = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(usd, usd, fc.integer({ min: 0, max: 30 * DAY }), (spentUsd, lastWeekUsd, now) => {
      expect(forecastOf({ spentUsd, lastWeekUsd, month, now }).usd).toBeGreaterThanOrEqual(spentUsd * (1 - 1e-9));
      expect(forecastOf({ spentUsd, lastWeekUsd, month, now: 30 * DAY }).usd).toBeCloseTo(spentUsd);
    }),
  );
});

test('days and months begin by the clock of the time zone', () => {
  const { day, month: found } = calendarOf(Date.parse('2026-11-21T02:00:00Z'), 'America/New_York');
  expect(new Date(day[0]).toISOString()).toBe('2026-11-20T05:00:00.000Z');
  expect(found.map((at) => new Date(at).toISOString())).toEqual([
    '2026-11-01T04:00:00.000Z',
    '2026-12-01T05:00:00.000Z',
  ]);
});
