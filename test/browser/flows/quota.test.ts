import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered, botSaid } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, chooseTenant, goTo, heading, reads, save } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** A limit that somebody has reached is raised in the console; the next message is answered. */
describeFlow('a quota change', startDesk, (desk) => {
  let page: Page;
  const ask = async (text: string, answer: string) => {
    const { telegram } = desk().world;
    await telegram.say({ chat: 'quota', text });
    await answered(telegram, 'quota', answer);
  };

  beforeAll(async () => {
    await setUp(desk(), { tenant: { user_limits: { hour: 1 } } });
    page = await desk().openAsAdmin();
    await chooseTenant(page, 'acme');
  });

  test('whoever has used up the limit is refused, and the console shows it', async () => {
    await ask('the first', 'You said: the first');
    await ask('the second', 'The limit is reached: requests an hour for each person: 1.');
    await goTo(page, 'Turns');
    await page.getByRole('row', { name: /Denied/ }).waitFor();
  });

  test('a higher limit of the tenant holds for the next message', async () => {
    await goTo(page, 'Tenants');
    await page.getByRole('link', { name: 'acme' }).click();
    await page.getByRole('tab', { name: 'Limits' }).click();
    const each = page.locator('.ant-collapse-item').filter({ hasText: 'Each person on each platform' });
    await each.getByLabel('Requests an hour').fill('2');
    await save(page);
    await ask('the third', 'You said: the third');
    await ask('the fourth', 'The limit is reached: requests an hour for each person: 2.');
  });

  test('a raise for a period doubles it, is shown, and can be ended', async () => {
    await goTo(page, 'Quota & budgets');
    await page.getByLabel('Times the usual limits').fill('2');
    await button(page, 'Raise').click();
    await reads(page, 'Limits are 2 times the usual');
    await ask('the fifth', 'You said: the fifth');
    await button(page, 'End it now').click();
    await button(page.getByRole('dialog'), 'End it now').click();
    await reads(page, 'The usual limits hold again');
    await ask('the sixth', 'The limit is reached: requests an hour for each person: 2.');
    await heading(page, 'Quota & budgets').waitFor();
    // The fourth was refused in the same words: this is about one more.
    await expect.poll(() => botSaid(desk().world.telegram, 'quota').length).toBe(6);
  });
});
