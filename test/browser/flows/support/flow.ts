import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { skipReason } from '../../support/chromium.ts';
import type { Desk } from './desk.ts';

/**
 * One flow through the console: a desk for all its tests, and at the end the question whether anything went wrong in the
 * browser meanwhile. Skipped, with the reason in its title, where there is no Chromium.
 */
export function describeFlow(title: string, start: () => Promise<Desk>, tests: (desk: () => Desk) => void): void {
  vi.setConfig({ testTimeout: 120_000, expect: { poll: { timeout: 20_000 } } });
  describe.skipIf(skipReason !== undefined)(`${title}${skipReason ? ` (${skipReason})` : ''}`, () => {
    let desk: Desk;
    beforeAll(async () => {
      desk = await start();
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await desk?.photograph(task.name.replace(/\W+/g, '-').slice(0, 60));
    });
    afterAll(() => desk?.stop());
    tests(() => desk);
    test('nothing went wrong in the browser', () => {
      expect(desk.complaints()).toEqual([]);
    });
  });
}
