import { type Spread, spreadOf } from './statistics.ts';

/** By round; null where a round has no value. */
export type RoundValues = (number | null)[];

/** Everything that was measured: `workload/contestant/metric` → one value per round. */
export interface Results {
  /** What is added from now on is of this round, counted from 0. */
  begin(round: number): void;
  add(workload: string, contestant: string, metrics: Record<string, number | undefined>): void;
  /** Undefined: was not measured. */
  get(workload: string, contestant: string, metric: string): Spread | undefined;
  /** Empty: was not measured. */
  rounds(workload: string, contestant: string, metric: string): readonly (number | null)[];
  toJSON(): Record<string, RoundValues>;
}

export function createResults(known: Record<string, RoundValues> = {}): Results {
  const values = new Map<string, RoundValues>(Object.entries(known));
  let round = 0;
  const rounds = (...path: string[]) => values.get(path.join('/')) ?? [];
  return {
    begin(next) {
      round = next;
    },
    add(workload, contestant, metrics) {
      for (const [metric, value] of Object.entries(metrics)) {
        if (value === undefined || !Number.isFinite(value)) continue;
        const all = [...rounds(workload, contestant, metric)];
        while (all.length < round) all.push(null);
        all[round] = value;
        values.set([workload, contestant, metric].join('/'), all);
      }
    },
    get(workload, contestant, metric) {
      const found = rounds(workload, contestant, metric).filter((value) => value !== null);
      return found.length > 0 ? spreadOf(found) : undefined;
    },
    rounds,
    toJSON: () => Object.fromEntries(values),
  };
}
