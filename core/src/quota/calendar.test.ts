import fc from 'fast-check';
import { expect, test } from 'vitest';
import { periodsOf } from './calendar.ts';

/** Zones whose clocks change at midnight, forward and back, beside some whose do not. */
const ZONES = [
  'America/Havana',
  'America/Santiago',
  'Atlantic/Azores',
  'Africa/Cairo',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'America/New_York',
  'Asia/Shanghai',
  'Asia/Kathmandu',
  'UTC',
];
const FROM = Date.UTC(2024, 0, 1);
const TO = Date.UTC(2034, 0, 1);

test('a day begins when its date does, also where the clocks skip midnight', () => {
  const day = (at: string, zone: string) =>
    periodsOf(Date.parse(at), zone).day.map((end) => new Date(end).toISOString());
  // 24:00 on Saturday is 01:00 on Sunday.
  const change = '2026-09-06T04:00:00.000Z';
  expect(day('2026-09-06T03:59:59.999Z', 'America/Santiago')).toEqual(['2026-09-05T04:00:00.000Z', change]);
  expect(day(change, 'America/Santiago')).toEqual([change, '2026-09-07T03:00:00.000Z']);
  // 24:00 on Saturday is 23:00 on Saturday.
  expect(day('2026-04-05T03:30:00.000Z', 'America/Santiago')).toEqual([
    '2026-04-04T03:00:00.000Z',
    '2026-04-05T04:00:00.000Z',
  ]);
  // 01:00 on Sunday is 00:00 on Sunday: its midnight comes twice.
  expect(day('2026-11-01T04:30:00.000Z', 'America/Havana')[0]).toBe('2026-11-01T04:00:00.000Z');
});

test('every moment lies in its own day and month, and these are neighbours without a gap', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: FROM, max: TO }), (zone, at) => {
      for (const period of ['day', 'month'] as const) {
        const [start, end] = periodsOf(at, zone)[period];
        expect(start).toBeLessThanOrEqual(at);
        expect(end).toBeGreaterThan(at);
        expect(periodsOf(end, zone)[period][0]).toBe(end);
        expect(periodsOf(start - 1, zone)[period][1]).toBe(start);
      }
    }),
    { numRuns: 1_000 },
  );
});
