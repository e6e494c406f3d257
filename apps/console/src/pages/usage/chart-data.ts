import type { UsageRow } from '../../api/types.ts';

type Other = 'tenant' | 'model' | 'user' | 'channel';

/** More lines than this cannot be told apart; the rest is one. */
const MOST_LINES = 5;
export const REST = '…';

/** Rows by day (and one thing more) as lines over days, the dearest first. */
export function chartOf(
  rows: readonly UsageRow[],
  other: string | undefined,
): { days: string[]; series: { name: string; values: number[] }[] } {
  const days = [...new Set(rows.map(({ day = '' }) => day))].sort();
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
