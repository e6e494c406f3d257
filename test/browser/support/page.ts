import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';

/** Screenshots; not in git. */
const SCREENSHOTS = fileURLToPath(new URL('../screenshots', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface View {
  language?: 'en' | 'zh';
  theme?: 'light' | 'dark';
}

export interface OpenOptions extends View {
  /** Whose session the window has; else nobody is signed in. */
  signedIn?: { url: string; admin: { cookie: string } };
  /** The tenant everything is narrowed to; else all of them. */
  tenant?: string;
  /** Refusals of the API that belong to what is tested. */
  expected?: number[];
}

export interface OpenPage {
  page: Page;
  /** What went wrong: refused requests, errors and warnings of scripts, refusals of the CSP. */
  complaints: string[];
}

/** A browser window of its own: nothing remembered, animations off. */
export async function openPage(
  browser: Browser,
  { language = 'en', theme = 'light', signedIn, tenant, expected = [] }: OpenOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
  });
  if (signedIn) {
    const [name = '', value = ''] = signedIn.admin.cookie.split('=');
    await context.addCookies([{ name, value, url: signedIn.url }]);
  }
  if (tenant !== undefined) {
    await context.addInitScript(`sessionStorage.setItem('parley.tenant', ${JSON.stringify(tenant)})`);
  }
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('response', (response) => {
    const status = response.status();
    if (status >= 400 && !expected.includes(status)) complaints.push(`${status} ${response.url()}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Refusals are seen above, with what they are about.
    const isRefusal = /Failed to load resource/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isRefusal) complaints.push(message.text());
  });
  return { page, complaints };
}

// What runs in the page is text: `document` and `window` are no names of Node's, and the type checker knows no DOM here.
const RUN_AXE = `axe.run(document, { resultTypes: ['violations'] })`;
const WIDER_THAN_WINDOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** What a page shows until its answers are there. */
export const LOADING = '[aria-busy="true"], .ant-skeleton, .ant-spin-spinning';

/** Waits until a page is there and nothing is loading any more. */
export async function settle(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator(LOADING).first().waitFor({ state: 'detached' });
}

/** Serious and critical findings of axe-core, in short. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // The page's own CSP forbids inline scripts; this comes from outside, through the debugger.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(RUN_AXE);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} — ${failureSummary?.split('\n')[1] ?? ''}`),
    );
}

const TWO_FRAMES = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))';

/** Changes the size of the window; resolves when what listens to it has been drawn anew. */
export async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await page.evaluate(TWO_FRAMES);
}

/** How many pixels the page is wider than the window. */
export const overflow = (page: Page): Promise<number> => page.evaluate<number>(WIDER_THAN_WINDOW);

/** A picture of a page as it is meant to be, for people; taken where `PARLEY_TEST_SCREENSHOTS` is set, for it takes its time. */
export async function portray(page: Page, name: string): Promise<void> {
  if (process.env.PARLEY_TEST_SCREENSHOTS) await screenshot(page, name);
}

/** A picture of a page that is not as it is meant to be. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
