/** Keeps what happened, oldest first, and forgets the oldest beyond its limit. */
export interface Recorder<T> {
  /** A live view: it grows while the simulator runs. */
  readonly items: readonly T[];
  add(item: T): void;
}

/** Makes a recorder for at most `limit` items (default 10,000, what `PlatformSimulator.calls` promises). */
export function createRecorder<T>(limit = 10_000): Recorder<T> {
  const items: T[] = [];
  return {
    items,
    add(item) {
      items.push(item);
      if (items.length > limit) items.shift();
    },
  };
}
