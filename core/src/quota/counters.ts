import type { Limit } from './limits.ts';
import type { LimitState } from './types.ts';

/** Names of counters (`field|unit`) by window: minute, hour, day, month. Each name once. */
export type Counters = [string[], string[], string[], string[]];

export const WINDOW_NUMBERS = { minute: 1, hour: 2, day: 3, month: 4 } as const;
export const UNITS = { requests: 'r', tokens: 't', micro_usd: 'c' } as const;

export interface CounterPlan {
  counters: Counters;
  /** For each limit its window, and the place of its counter there; both from 1, as scripts count. */
  places: [window: number, place: number][];
}

/** Which counters a request touches: those of its limits, and by day and month those of `always`, in all units. */
export function planCounters(limits: readonly Limit[], always: readonly string[]): CounterPlan {
  const counters: Counters = [[], [], [], []];
  const known = counters.map(() => new Map<string, number>());
  const placeOf = (window: 1 | 2 | 3 | 4, name: string): number => {
    const places = known[window - 1] as Map<string, number>;
    const place = places.get(name);
    if (place !== undefined) return place;
    const list = counters[window - 1] as string[];
    list.push(name);
    places.set(name, list.length);
    return list.length;
  };
  const places = limits.map(({ window, field, unit }): [number, number] => {
    const number = WINDOW_NUMBERS[window];
    return [number, placeOf(number, counterName(field, unit))];
  });
  for (const field of always) {
    for (const unit of ['requests', 'tokens', 'micro_usd'] as const) {
      placeOf(WINDOW_NUMBERS.day, counterName(field, unit));
      placeOf(WINDOW_NUMBERS.month, counterName(field, unit));
    }
  }
  return { counters, places };
}

/** The counters as the scripts take them: of each window how many, and their names. */
export function counterArguments(counters: Counters): (string | number)[] {
  return counters.flatMap((names) => [names.length, ...names]);
}

export function counterName(field: string, unit: LimitState['unit']): string {
  return `${field}|${UNITS[unit]}`;
}
