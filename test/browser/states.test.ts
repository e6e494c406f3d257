import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { launchChromium, skipReason } from './support/chromium.ts';
import { type MockHub, startMockHub } from './support/mock-hub.ts';
import { openPage, screenshot, seriousFindings, settle } from './support/page.ts';
import { PAGES } from './support/pages.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Where each page gets what it is about; the rest of it may come or not. */
const LISTS: Partial<Record<keyof typeof PAGES, string>> = {
  overview: '/overview',
  conversations: '/conversations',
  turns: '/turns',
  'dead-letters': '/dead-letters',
  usage: '/usage',
  channels: '/channels',
  models: '/models',
  tenants: '/tenants',
  'api-keys': '/api-keys',
  quota: '/quota',
  rules: '/tenants/*/rules',
  guard: '/tenants/*/guard',
  users: '/users',
  policies: '/policies',
  audit: '/audit',
  versions: '/config/versions',
  'chat-api': '/settings',
  system: '/system',
  sandbox: '/sandbox',
};
const NAMES = Object.keys(LISTS) as (keyof typeof LISTS)[];

/** A hub in memory, because a real one is never empty, slow, broken and forbidden on request. */
describe.skipIf(skipReason !== undefined)(`states of a page${skipReason ? ` (${skipReason})` : ''}`, () => {
  let browser: Browser;
  let hub: MockHub;
  let empty: MockHub;
  let restricted: MockHub;
  beforeAll(async () => {
    [browser, hub, empty, restricted] = await Promise.all([
      launchChromium(),
      startMockHub({ signedIn: true }),
      startMockHub({ signedIn: true, empty: true }),
      startMockHub({ signedIn: true, role: 'viewer' }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([hub, empty, restricted].map((one) => one?.close()));
  });

  test.each(NAMES)('%s: loading, then an error, then what was asked for', async (name) => {
    const { page, complaints } = await openPage(browser, { expected: [503] });
    const address = new RegExp(`/api/admin${LISTS[name]?.replace('*', '[^/]+')}(\\?|$)`);
    const answer = Promise.withResolvers<void>();
    await page.route(address, async (route) => {
      await answer.promise;
      await route.fulfill({
        status: 503,
        json: { error: { code: 'unavailable', message: 'The database is away', request_id: 'req-1' } },
      });
    });
    await page.goto(hub.url + PAGES[name]);
    await page.locator('[aria-busy="true"], .ant-spin-spinning').first().waitFor();
    answer.resolve();
    const alert = page.getByRole('alert').filter({ hasText: 'This could not be loaded' });
    await alert.first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await screenshot(page, `${name}-error`);
    await page.unroute(address);
    await alert.first().getByRole('button', { name: 'Try again' }).click();
    await alert.first().waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('nothing there yet: every page says what to do', async () => {
    const { page, complaints } = await openPage(browser);
    for (const name of NAMES) {
      await page.goto(empty.url + PAGES[name]);
      await settle(page);
      await screenshot(page, `${name}-empty`);
      expect(await page.locator('.ant-empty').count(), name).toBe(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test.each(['users', 'audit', 'versions', 'sandbox'] as const)(
    '%s says what one may not see, and why',
    async (name) => {
      const { page } = await openPage(browser, { expected: [403] });
      await page.goto(restricted.url + PAGES[name]);
      await page.getByRole('heading', { name: 'You may not see this' }).waitFor();
      await screenshot(page, `${name}-forbidden`);
      expect(await seriousFindings(page)).toEqual([]);
      await page.context().close();
    },
  );
});
