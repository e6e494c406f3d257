import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** They take servers away and judge what others notice of it: a machine that is busy otherwise would answer for them. */
const ALONE = ['test/failover/**/*.test.ts'];
const NEVER = ['**/node_modules/**', 'data/**'];

const shared = { extends: true as const };

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 120_000,
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
