import { expect, test } from 'vitest';
import { backupToMake } from './backups.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 21);
const maxAgeMs = 26 * HOUR_MS;
const hoursAgo = (hours: number) => ({ lastAt: NOW - hours * HOUR_MS, maxAgeMs });
const everything = () => true;

test.each([
  ['nobody expects any', { lastAt: undefined, maxAgeMs: undefined }, []],
  ['nobody wants to know', { lastAt: 0, maxAgeMs: undefined }, []],
  ['it is young enough', hoursAgo(26), []],
  ['there was none', { lastAt: undefined, maxAgeMs }, [['warning', 'No backup has been made yet']]],
  ['it is too old', hoursAgo(26.1), [['warning', 'The last backup is 26 hours old']]],
  ['it was missed again and again', hoursAgo(80), [['error', 'The last backup is 80 hours old']]],
])('%s', (_what, state, expected) => {
  const told = backupToMake(state, everything, NOW);
  expect(told.map(({ severity, message }) => [severity, message.en])).toEqual(expected);
  for (const { message } of told) expect(message.zh).toMatch(/备份/);
});

test('only those are told who see to the hub', () => {
  const asked: unknown[] = [];
  const may = (...what: unknown[]) => asked.push(what) < 0;
  expect(backupToMake(hoursAgo(80), may, NOW)).toEqual([]);
  expect(asked).toEqual([['*', 'settings:read']]);
});
