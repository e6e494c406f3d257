import { LRUCache } from 'lru-cache';

/** Whatever is read here is at most this old: a revocation works within five seconds, the time of a query included. */
export const FRESH_MS = 4_000;
const MAX_ENTRIES = 10_000;

/** What was read lately, so that not every request is a query. */
export interface Fresh<T extends object> {
  /** The age counts from the beginning of the query. */
  get(key: string, load: () => Promise<T>): Promise<T>;
  clear(): void;
}

export function createFresh<T extends object>(now: () => number): Fresh<T> {
  const entries = new LRUCache<string, { at: number; value: Promise<T> }>({ max: MAX_ENTRIES });
  return {
    get(key, load) {
      const known = entries.get(key);
      if (known && now() - known.at < FRESH_MS) return known.value;
      const entry = { at: now(), value: load() };
      entries.set(key, entry);
      entry.value.catch(() => {
        if (entries.peek(key) === entry) entries.delete(key);
      });
      return entry.value;
    },
    clear: () => entries.clear(),
  };
}
