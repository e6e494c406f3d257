import { expect, test } from 'vitest';
import { runChaos } from './run.ts';
import { complaints, formatTable, rowsOf } from './table.ts';

/** A small `npm run chaos`: what breaks and when is chance, so a failure names the seed that chose it. */
const seed = Math.floor(Math.random() * 2 ** 31);

test(`nothing is lost, doubled, out of order or stuck while things are killed (seed ${seed})`, async () => {
  const report = await runChaos({ questions: 60, kills: 6, minutes: 0.3, wholeShare: 0, quietMs: 13_000, seed });
  const table = formatTable(rowsOf(report));
  const told = [table, ...complaints(report), ...report.events, JSON.stringify(report.evidence, undefined, 1)];
  // How fast it recovers is measured by the long run: this one shares the machine with other tests.
  const wrong = complaints(report).filter((line) => !line.startsWith('recovery took'));
  expect(wrong, told.join('\n')).toEqual([]);
  expect(report.kills.all.length).toBeGreaterThanOrEqual(4);
  expect(report.ledger.questions.size).toBeGreaterThanOrEqual(60);
}, 300_000);
