import type { UsageRow } from '../../api/types.ts';

type Other = 'tenant' | 'model' | 'user' | 'channel';

/** More lines than this cannot be told apart; the rest is one. */
const MOST_LINES = 5;
export const REST = '…';

/** Rows by day (and one thing more) as lines over the days of a period, the dearest first. */
export function chartOf(
  rows: readonly UsageRow[],
  other: string | undefined,
  [first, last]: readonly [first: string, last: string],
): { days: string[]; series: { name: string; values: number[] }[] } {
  const days = daysBetween([first, last, ...rows.map(({ day = first }) => day)].sort());
  const sums = new Map<string, number>();
  const nameOf = (row: UsageRow) => (other ? (row[other as Other] ?? '–') : '');
  for (const row of rows) sums.set(nameOf(row), (sums.get(nameOf(row)) ?? 0) + row.cost_usd);
  const shown = [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_LINES)
    .map(([name]) => name);
  const names = sums.size > shown.length ? [...shown, REST] : shown;
  const at = new Map(days.map((day, index) => [day, index]));
  const series = names.map((name) => ({ name, values: days.map(() => 0) }));
  for (const row of rows) {
    const line = series.find(({ name }) => name === nameOf(row)) ?? series.at(-1);
    const index = at.get(row.day ?? '');
    if (line && index !== undefined) line.values[index] = (line.values[index] ?? 0) + row.cost_usd;
  }
  return { days, series };
}

/** Every day from the first to the last: one on which nothing was used is a day as well. */
function daysBetween(sorted: readonly string[]): string[] {
  const days: string[] = [];
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)];
  for (let day = new Date(`${first}T00:00Z`); day <= new Date(`${last}T00:00Z`); day.setUTCDate(day.getUTCDate() + 1))
    days.push(day.toISOString().slice(0, 10));
  return days;
}
