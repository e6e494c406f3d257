import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { ADMIN_PASSWORD } from '../../admin/helpers/console.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, heading } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

// What runs in the page is text: the type checker knows no DOM here.
/** An open dialog keeps the focus; nothing of the page behind it has it. */
const FOCUS_IS_BEHIND_THE_DIALOG =
  "document.activeElement !== document.body && document.activeElement.closest('[role=dialog]') === null";
/** Whether one can see where the focus is: an outline or a shadow, of the element or of the field around it. */
const FOCUS_IS_SHOWN = `[document.activeElement, document.activeElement.closest('.ant-input-affix-wrapper, .ant-select')]
  .filter(Boolean)
  .map((element) => getComputedStyle(element))
  .some(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none')`;

/** Without a mouse: every step by Tab, arrows, Enter and Escape, and always somewhere that can be seen. */
describeFlow('the keyboard alone', startDesk, (desk) => {
  let page: Page;
  beforeAll(async () => {
    await setUp(desk());
    page = await desk().open();
  });

  const isFocused = async (what: Locator) => (await what.and(page.locator(':focus')).count()) === 1;
  const seesFocus = () => page.evaluate<boolean>(FOCUS_IS_SHOWN);
  const isElsewhere = () => page.evaluate<boolean>(FOCUS_IS_BEHIND_THE_DIALOG);

  /** Presses Tab until `what` has the focus. */
  async function tabTo(what: Locator): Promise<void> {
    await what.waitFor();
    for (let presses = 0; presses < 100; presses++) {
      if (await isFocused(what)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${what}`);
  }

  test('one signs in: the first field has the focus, Enter sends', async () => {
    await page.goto(desk().hub.url);
    const name = page.getByLabel('User name');
    await name.waitFor();
    await expect.poll(() => isFocused(name)).toBe(true);
    await page.keyboard.type('admin');
    await tabTo(page.getByLabel('Password', { exact: true }));
    await page.keyboard.type(ADMIN_PASSWORD);
    await page.keyboard.press('Enter');
    await heading(page, 'Overview').waitFor();
  });

  test('the first Tab offers to skip the navigation', async () => {
    await page.reload();
    await heading(page, 'Overview').waitFor();
    await page.evaluate('document.activeElement.blur()');
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    await page.keyboard.press('Tab');
    if (!(await isFocused(skip))) await tabTo(skip);
    expect(await skip.isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await expect.poll(() => isFocused(page.locator('#main'))).toBe(true);
  });

  test('one opens a channel; every page begins at its heading', async () => {
    await page.reload();
    await heading(page, 'Overview').waitFor();
    await tabTo(page.getByRole('link', { name: 'Channels', exact: true }));
    expect(await seesFocus()).toBe(true);
    await page.keyboard.press('Enter');
    await heading(page, 'Channels').waitFor();
    await expect.poll(() => isFocused(heading(page, 'Channels'))).toBe(true);
    await tabTo(page.getByRole('link', { name: 'slack', exact: true }));
    expect(await seesFocus()).toBe(true);
    await page.keyboard.press('Enter');
    await heading(page, 'slack').waitFor();
    await expect.poll(() => isFocused(heading(page, 'slack'))).toBe(true);
  });

  test('arrows go from tab to tab', async () => {
    await tabTo(page.getByRole('tab', { name: 'State' }));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const settings = page.getByRole('tab', { name: 'Settings' });
    await expect.poll(() => settings.getAttribute('aria-selected')).toBe('true');
  });

  test('a dialog takes the focus, keeps it, closes with Escape and gives it back', async () => {
    const remove = button(page, 'Remove this channel');
    await tabTo(remove);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Remove this channel' });
    const cancel = button(dialog, 'Cancel');
    await expect.poll(() => isFocused(cancel)).toBe(true);
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Tab');
      // In the dialog; or with the browser's own bars, behind the last button, where a page has no say.
      await expect.poll(() => isElsewhere()).toBe(false);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => isFocused(remove)).toBe(true);
    expect(await seesFocus()).toBe(true);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('slack');
  });

  test('a menu opens with Enter, is walked with arrows, and gives the focus back', async () => {
    const account = button(page, /^Account of/);
    await page.reload();
    await heading(page, 'slack').waitFor();
    await tabTo(account);
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor({ state: 'hidden' });
    await expect.poll(() => isFocused(account)).toBe(true);
  });
});
