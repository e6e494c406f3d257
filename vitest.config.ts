import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They take servers away and judge what others notice of it: a machine that is busy otherwise would answer for them. */
const ALONE = ['test/failover/**/*.test.ts'];
/**
 * They are small and take long. A fresh clone knows no durations and begins with the largest files: these would come last,
 * one after the other while nothing else is left to run.
 */
const EARLY = ['test/chaos/chaos.test.ts', 'test/drill/drill.test.ts', 'test/load/sizing.test.ts'];
const NEVER = ['**/node_modules/**', 'data/**'];

const shared = { extends: true as const };

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isEarly = ({ moduleId }: TestSpecification) => EARLY.some((file) => moduleId.endsWith(file));
    const sorted = await super.sort(files);
    return [...sorted.filter(isEarly), ...sorted.filter((file) => !isEarly(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // A second, its default, is how long a busy machine may take for one look.
    expect: { poll: { timeout: 15_000 } },
    globalSetup: 'test/support/templates-setup.ts',
    projects: [
      {
        ...shared,
        test: {
          name: 'together',
          include: ['**/*.test.ts'],
          exclude: [...NEVER, ...ALONE],
          // Most of the time a test waits for processes that it started: on two cores, one file at a time would leave them idle.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: { name: 'alone', include: ALONE, exclude: NEVER, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
