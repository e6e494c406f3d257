import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, skipReason } from './support/chromium.ts';
import { type MockHub, startMockHub } from './support/mock-hub.ts';
import { type OpenPage, openPage, overflow, screenshot, seriousFindings, settle, type View } from './support/page.ts';
import { PAGES } from './support/pages.ts';

const VIEWS: (View & { name: string })[] = [
  { name: 'desk, English, light', language: 'en', theme: 'light' },
  { name: 'desk, Chinese, dark', language: 'zh', theme: 'dark' },
  { name: 'phone, Chinese, light', language: 'zh', theme: 'light', phone: true },
  { name: 'phone, English, dark', language: 'en', theme: 'dark', phone: true },
];

const CHINESE = /[\u4e00-\u9fff]/;

describe.skipIf(skipReason !== undefined)(`every page of the console${skipReason ? ` (${skipReason})` : ''}`, () => {
  let browser: Browser;
  let hub: MockHub;
  beforeAll(async () => {
    browser = await launchChromium();
    hub = await startMockHub({ signedIn: true });
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.close();
  });

  describe.each(VIEWS)('$name', (view) => {
    let window: OpenPage;
    beforeAll(async () => {
      window = await openPage(browser, view);
    });
    afterAll(() => window?.page.context().close());

    test.each(Object.entries(PAGES))('%s', async (name, path) => {
      const { page, complaints } = window;
      complaints.length = 0;
      await page.goto(hub.url + path);
      await settle(page);
      await screenshot(page, `${name}-${view.language}-${view.theme}${view.phone ? '-phone' : ''}`);
      const text = await page.locator('main').textContent();
      expect(CHINESE.test((await page.locator('nav').first().textContent()) ?? '')).toBe(view.language === 'zh');
      expect(text).not.toMatch(/undefined|NaN|\[object/);
      expect(await page.locator('html').getAttribute('lang')).toBe(view.language === 'zh' ? 'zh-CN' : 'en');
      expect(await page.title()).toContain('Parley');
      if (view.phone) expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(await seriousFindings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });
});
