import { type Spread, spreadOf } from './statistics.ts';

/** Everything that was measured: `workload/contestant/metric` → one value per round. */
export interface Results {
  add(workload: string, contestant: string, metrics: Record<string, number | undefined>): void;
  /** Undefined: was not measured. */
  get(workload: string, contestant: string, metric: string): Spread | undefined;
  toJSON(): Record<string, number[]>;
}

export function createResults(known: Record<string, number[]> = {}): Results {
  const values = new Map<string, number[]>(Object.entries(known));
  return {
    add(workload, contestant, metrics) {
      for (const [metric, value] of Object.entries(metrics)) {
        if (value === undefined || !Number.isFinite(value)) continue;
        const key = `${workload}/${contestant}/${metric}`;
        values.set(key, [...(values.get(key) ?? []), value]);
      }
    },
    get(workload, contestant, metric) {
      const found = values.get(`${workload}/${contestant}/${metric}`);
      return found && spreadOf(found);
    },
    toJSON: () => Object.fromEntries(values),
  };
}
