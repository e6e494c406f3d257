/** Measured values of one kind, one per round. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = numbers(values);
  return { median: quantile(sorted, 0.5), min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** Interpolated; NaN of nothing. Values that are no numbers do not count. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = numbers(values);
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (high - low) * (at - Math.floor(at));
}

function numbers(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
}

/** What each value of one list is above its counterpart in the other. */
export function differences(later: readonly number[], earlier: readonly number[]): number[] {
  return later.map((value, i) => value - (earlier[i] as number));
}
