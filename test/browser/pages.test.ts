import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { launchChromium, skipReason } from './support/chromium.ts';
import {
  type OpenOptions,
  type OpenPage,
  openPage,
  overflow,
  portray,
  resize,
  seriousFindings,
  settle,
  type View,
} from './support/page.ts';
import { DETAILS, PAGES } from './support/pages.ts';
import { type PopulatedHub, startPopulatedHub } from './support/populated.ts';
import { codesOf, rawCodes } from './support/raw-codes.ts';

vi.setConfig({ testTimeout: 60_000 });

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };
/** Each language and theme at both widths, one tenant or all of them; axe-core, which takes longest, at one of them. */
const VIEWS: (Inspected & Pick<OpenOptions, 'tenant'>)[] = [
  { language: 'en', theme: 'light', tenant: 'acme', axe: 'desk' },
  { language: 'zh', theme: 'dark', axe: 'phone' },
];
const CHINESE = /[\u4e00-\u9fff]/;
/** What a page shows where somebody forgot a case. */
const UNFINISHED = /undefined|\bNaN\b|\[object|Invalid Date/;

describe.skipIf(skipReason !== undefined)(`every page of the console${skipReason ? ` (${skipReason})` : ''}`, () => {
  let browser: Browser;
  let hub: PopulatedHub;
  let codes: ReadonlySet<string>;
  beforeAll(async () => {
    [browser, hub] = await Promise.all([launchChromium(), startPopulatedHub()]);
    codes = await codesOf(hub.url);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  describe.each(VIEWS)('in $language, $theme', (view) => {
    let window: OpenPage;
    beforeAll(async () => {
      window = await openPage(browser, { ...view, signedIn: hub });
    });
    afterAll(() => window?.page.context().close());

    test.each([...Object.keys(PAGES), ...Object.keys(DETAILS)])('%s', async (name) => {
      const { page, complaints } = window;
      complaints.length = 0;
      const path = DETAILS[name]?.(hub) ?? PAGES[name as keyof typeof PAGES];
      await page.setViewportSize(DESK);
      await page.goto(hub.url + path);
      await inspect(page, name, view);
      if (view.language === 'zh') expect(await rawCodes(page, codes)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  test.each(VIEWS)('signing in, in $language, $theme', async (view) => {
    const { page, complaints } = await openPage(browser, { ...view, expected: [401] });
    await page.goto(hub.url);
    await inspect(page, 'sign-in', view);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

interface Inspected extends View {
  axe: 'desk' | 'phone';
}

/** At a desk and on a phone: the right language, nothing unfinished, nothing too wide, nothing hard to use. */
async function inspect(page: Page, name: string, { language, theme, axe }: Inspected): Promise<void> {
  await settle(page);
  expect(await page.title()).toContain('Parley');
  expect(await page.locator('html').getAttribute('lang')).toBe(language === 'zh' ? 'zh-CN' : 'en');
  const words = (await page.locator('h1').first().textContent()) ?? '';
  const body = (await page.locator('#root').textContent()) ?? '';
  if (language === 'zh') expect(CHINESE.test(body)).toBe(true);
  else expect(words).not.toMatch(CHINESE);
  expect(body).not.toMatch(UNFINISHED);
  for (const [width, size] of Object.entries({ desk: DESK, phone: PHONE })) {
    await resize(page, size);
    await portray(page, `${name}-${language}-${theme}-${width}`);
    expect(await overflow(page), `wider than a ${width}`).toBeLessThanOrEqual(0);
    if (width === axe) expect(await seriousFindings(page)).toEqual([]);
  }
}
