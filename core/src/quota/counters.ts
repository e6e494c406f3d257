import type { Limit } from './limits.ts';
import type { LimitState } from './types.ts';

/** Names of counters (`field|unit`) by window: minute, hour, day, month. Each name once. */
export type Counters = [string[], string[], string[], string[]];

const WINDOW_NUMBERS = { minute: 1, hour: 2, day: 3, month: 4 } as const;
const UNITS = { requests: 'r', tokens: 't', micro_usd: 'c' } as const;

export interface CounterPlan {
  counters: Counters;
  /** The limits in the counters' order: each has one of its own. */
  limits: Limit[];
}

/** The counters of limits, window by window, as the scripts go through them. */
export function planCounters(limits: readonly Limit[]): CounterPlan {
  const byWindow: [Limit[], Limit[], Limit[], Limit[]] = [[], [], [], []];
  for (const limit of limits) byWindow[WINDOW_NUMBERS[limit.window] - 1]?.push(limit);
  const counters = byWindow.map((some) => some.map(({ field, unit }) => counterName(field, unit))) as Counters;
  return { counters, limits: byWindow.flat() };
}

/** The plan as the scripts take it: of each window how many limits, the names of their counters, and the limits. */
export function planArguments({ counters, limits }: CounterPlan): (string | number)[] {
  let next = 0;
  return counters.flatMap((names) => {
    const here = limits.slice(next, next + names.length);
    next += names.length;
    return [names.length, ...names, ...here.map(({ limit }) => limit)];
  });
}

function counterName(field: string, unit: LimitState['unit']): string {
  return `${field}|${UNITS[unit]}`;
}
