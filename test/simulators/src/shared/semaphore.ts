/** Lets at most `limit()` tasks run at one time; the others wait in order. The limit may change while tasks run. */
export function createSemaphore(limit: () => number): { run<T>(task: () => Promise<T>): Promise<T> } {
  const waiting: (() => void)[] = [];
  let running = 0;

  return {
    async run(task) {
      while (running >= Math.max(1, limit())) await new Promise<void>((resolve) => waiting.push(resolve));
      running += 1;
      try {
        return await task();
      } finally {
        running -= 1;
        waiting.shift()?.();
      }
    },
  };
}
