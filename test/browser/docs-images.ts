import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.ts';
import { startMockHub } from './support/mock-hub.ts';
import { type OpenOptions, openPage, settle } from './support/page.ts';
import { startPopulatedHub } from './support/populated.ts';

/**
 * Takes the pictures of docs/console.md anew: `node test/browser/docs-images.ts`, after the console was built. The day's
 * curves of the overview come from the mock: a hub that has just started has none.
 */
const FOLDER = fileURLToPath(new URL('../../docs/images', import.meta.url));
const SIZE = { width: 1280, height: 800 };

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const [browser, mock, hub] = await Promise.all([
    launchChromium(),
    startMockHub({ signedIn: true }),
    startPopulatedHub(),
  ]);
  try {
    await shoot(browser, {}, `${mock.url}/`, 'overview');
    const options = { signedIn: hub, tenant: 'acme' };
    await shoot(browser, options, `${hub.url}/setup`, 'wizard', openCredentials);
    await shoot(browser, options, `${hub.url}/turns/${hub.turn}`, 'timeline');
    await shoot(browser, options, `${hub.url}/quota`, 'quota');
    await shoot(browser, { ...options, theme: 'dark' }, `${hub.url}/models`, 'models');
    await shoot(browser, options, `${hub.url}/sandbox`, 'sandbox', chatInSandbox);
  } finally {
    await browser.close();
    await Promise.all([mock.close(), hub.stop()]);
  }
}

async function shoot(
  browser: Browser,
  options: OpenOptions,
  url: string,
  name: string,
  prepare?: (page: Page) => Promise<void>,
): Promise<void> {
  const { page } = await openPage(browser, options);
  await page.setViewportSize(SIZE);
  await page.goto(url);
  await settle(page);
  await prepare?.(page);
  await page.screenshot({ path: join(FOLDER, `console-${name}.png`) });
  await page.context().close();
}

async function openCredentials(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Slack/ }).click();
  await page.getByText('Where do I find these?').waitFor();
  await settle(page);
}

async function chatInSandbox(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start the sandbox' }).click();
  for (const [name, text] of [
    ['Feishu / Lark', '我还有几天年假？'],
    ['Telegram', 'What is our refund policy?'],
    ['Slack', 'Write a SQL query for monthly revenue'],
  ] as const) {
    const window = page.getByRole('region', { name });
    await window.getByRole('textbox').fill(text);
    await window.getByRole('textbox').press('Enter');
    await window.getByText('Parley', { exact: true }).waitFor();
  }
  await page.getByText('is typing').first().waitFor({ state: 'detached' });
  // Writing has scrolled to the last window.
  await page.evaluate('window.scrollTo(0, 0)');
}

await main();
