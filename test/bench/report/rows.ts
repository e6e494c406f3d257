import type { Results } from '../measure/results.ts';
import { type Spread, spreadOf } from '../measure/statistics.ts';
import { SPECS } from './specs.ts';

/** One line of the table. */
export interface Row {
  workload: string;
  contestant: string;
  what: string;
  unit: string;
  value: Spread;
  compared?: Comparison | undefined;
  /** What it shall be, and whether it is. */
  target?: { text: string; met: boolean } | undefined;
}

/** How the value stands to another one of the same round; the median of the rounds is judged. */
export interface Comparison {
  with: string;
  by: By;
  figure: number;
  spread: Spread;
}

export type By = 'ratio' | 'difference';
export type Bound = { atLeast: number } | { atMost: number };

export interface RowSpec {
  workload: string;
  contestant: string;
  metric: string;
  what: string;
  unit: string;
  /** What is named is another's; what is not is the same as the row's own. */
  against?: { workload?: string; contestant?: string; metric?: string; by: By; label?: string };
  target?: Bound;
}

/** The table, for as much as was measured. */
export function rowsOf(results: Results): Row[] {
  return SPECS.flatMap((spec) => {
    const value = results.get(spec.workload, spec.contestant, spec.metric);
    const compared = spec.against && comparisonOf(results, spec);
    return value && (compared || !spec.against) ? [rowOf(spec, value, compared)] : [];
  });
}

function comparisonOf(results: Results, { against, ...own }: RowSpec): Comparison | undefined {
  if (!against) return undefined;
  const { workload = own.workload, contestant = own.contestant, metric = own.metric, by } = against;
  const mine = results.rounds(own.workload, own.contestant, own.metric);
  const theirs = results.rounds(workload, contestant, metric);
  const compare = (a: number, b: number) => (by === 'ratio' ? a / b : a - b);
  const rounds = mine.flatMap((value, round) => {
    const other = theirs[round];
    return value === null || other === null || other === undefined ? [] : [compare(value, other)];
  });
  if (rounds.length === 0) return undefined;
  const spread = spreadOf(rounds);
  return { with: against.label ?? contestant, by, figure: spread.median, spread };
}

function rowOf({ against, target, ...spec }: RowSpec, value: Spread, compared: Comparison | undefined): Row {
  const { workload, contestant, what, unit } = spec;
  const judged = compared ? compared.figure : value.median;
  return {
    workload,
    contestant,
    what,
    unit,
    value,
    ...(compared && { compared }),
    ...(target && { target: judge(judged, target, against?.by, unit) }),
  };
}

function judge(figure: number, bound: Bound, by: By | undefined, unit: string) {
  const [sign, limit, met] =
    'atLeast' in bound
      ? (['≥', bound.atLeast, figure >= bound.atLeast] as const)
      : (['≤', bound.atMost, figure <= bound.atMost] as const);
  const measure = by === 'ratio' ? '×' : by === 'difference' ? ` ${unit} above` : ` ${unit}`;
  return { text: `${sign} ${limit.toLocaleString('en')}${measure}`.trim(), met };
}
