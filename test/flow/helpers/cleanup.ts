/** Undoes what a test file has started, last thing first, whatever became of the tests. */
export interface Cleanup {
  add<Thing extends { stop(): Promise<unknown> } | { close(): Promise<unknown> }>(thing: Thing): Thing;
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const steps: (() => Promise<unknown>)[] = [];
  return {
    add(thing) {
      steps.push(() => ('stop' in thing ? thing.stop() : thing.close()));
      return thing;
    },
    async run() {
      for (const step of steps.reverse()) await step().catch(() => undefined);
      steps.length = 0;
    },
  };
}
