import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { launchChromium, skipReason } from './support/chromium.ts';
import { type MockHub, startMockHub } from './support/mock-hub.ts';
import { LOADING, type OpenPage, openPage, portray, seriousFindings, settle } from './support/page.ts';
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
/** The state looks the same everywhere; axe-core takes its time. */
const AXE_ON = new Set<string>(['overview', 'turns', 'rules']);
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

  describe('loading, then an error, then what was asked for', () => {
    let window: OpenPage;
    beforeAll(async () => {
      window = await openPage(browser, { expected: [429] });
    });
    afterAll(() => window?.page.context().close());

    test.each(NAMES)('%s', async (name) => {
      const { page, complaints } = window;
      const address = new RegExp(`/api/admin${LISTS[name]?.replace('*', '[^/]+')}(\\?|$)`);
      const refused = Promise.withResolvers<void>();
      await page.route(address, async (route) => {
        await refused.promise;
        // Nothing that is asked again by itself.
        const error = { code: 'rate_limited', message: 'Too many requests', request_id: 'req-1' };
        await route.fulfill({ status: 429, json: { error } });
      });
      await page.goto(hub.url + PAGES[name]);
      await page.locator(LOADING).first().waitFor();
      refused.resolve();
      const alert = page.getByRole('alert').filter({ hasText: 'This could not be loaded' });
      await alert.first().waitFor();
      if (AXE_ON.has(name)) expect(await seriousFindings(page)).toEqual([]);
      await portray(page, `${name}-error`);
      await page.unroute(address);
      for (let left = await alert.count(); left > 0; left--) {
        await alert.first().getByRole('button', { name: 'Try again' }).click();
        await alert.nth(left - 1).waitFor({ state: 'detached' });
      }
      await settle(page);
      expect(complaints).toEqual([]);
    });
  });

  test('nothing there yet: every page says what to do', async () => {
    const { page, complaints } = await openPage(browser);
    for (const name of NAMES) {
      await page.goto(empty.url + PAGES[name]);
      await settle(page);
      await portray(page, `${name}-empty`);
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
      await portray(page, `${name}-forbidden`);
      expect(await seriousFindings(page)).toEqual([]);
      await page.context().close();
    },
  );
});
