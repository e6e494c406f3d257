import type { Locator, Page } from 'playwright-core';
import { ADMIN_PASSWORD } from '../../../admin/helpers/console.ts';

/** What people do on every page of the console, in English, by what they read and not by how it is made. */

/** Opens the console and signs in; resolves when the first page is there. */
export async function signInAt(page: Page, url: string, username = 'admin', password = ADMIN_PASSWORD): Promise<void> {
  await page.goto(url);
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Sign in').click();
  await button(page, /^Account of/).waitFor();
}

/** Follows a link of the main navigation. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name, exact: true }).click();
  await heading(page, name).waitFor();
}

export const heading = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('heading', { level: 1, name, exact: typeof name === 'string' });

export const button = (of: Page | Locator, name: string | RegExp): Locator =>
  of.getByRole('button', { name, exact: typeof name === 'string' });

/** Presses the button of a question that asks “are you sure”. */
export async function confirm(page: Page, name: string): Promise<void> {
  await button(page.getByRole('dialog'), name).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Resolves when this text can be read. */
export const reads = (of: Page | Locator, text: string | RegExp): Promise<void> => of.getByText(text).first().waitFor();

/** Chooses from a list that drops down. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.locator('.ant-select-item-option').filter({ hasText: option }).first().click();
}

/** Narrows everything to one tenant; a hub without a configuration file has the quick start's `default` beside it. */
export async function chooseTenant(page: Page, tenant: string): Promise<void> {
  await page.getByRole('banner').getByRole('combobox', { name: 'Tenant' }).click();
  await page.locator('.ant-select-item-option').filter({ hasText: tenant }).click();
}

/** Presses what saves something and resolves when the hub has it. @throws Error when the hub refuses */
export async function save(
  page: Page,
  pressed: Locator = button(page, 'Save').filter({ visible: true }),
): Promise<void> {
  const isWrite = (method: string) => method !== 'GET';
  const [answer] = await Promise.all([
    page.waitForResponse((response) => isWrite(response.request().method()) && response.url().includes('/api/admin/')),
    pressed.click(),
  ]);
  if (!answer.ok()) throw new Error(`${answer.url()}: ${answer.status()} ${await answer.text()}`);
  await reads(page, 'Saved; in use within a second');
}
