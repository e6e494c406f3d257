/** A sliding window: at most `limit` events per key within `windowMs`. */
export interface RateWindow {
  /** Counts one event and returns 0, or counts nothing and returns how many milliseconds to wait. */
  take(key: string, now?: number): number;
}

const MAX_KEYS = 10_000;

/** Makes a sliding-window limit, the way platforms publish theirs ("20 messages a minute to one group"). */
export function createRateWindow(options: { limit: number; windowMs: number }): RateWindow {
  const times = new Map<string, number[]>();

  return {
    take(key, now = Date.now()) {
      const recent = (times.get(key) ?? []).filter((at) => at > now - options.windowMs);
      times.delete(key); // set again below: the map's order is then least recently used first
      times.set(key, recent);
      if (times.size > MAX_KEYS) times.delete(times.keys().next().value as string);

      const oldest = recent[0];
      if (oldest !== undefined && recent.length >= options.limit) return Math.max(1, oldest + options.windowMs - now);
      recent.push(now);
      return 0;
    },
  };
}
