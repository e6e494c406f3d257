import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ADMIN_PASSWORD } from '../../admin/helpers/console.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, reads } from './support/pages.ts';

/** What a newcomer does: no configuration, no account anywhere, three windows that answer. */
const start = () => startDesk({ env: { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD } });

describeFlow('the sandbox', start, (desk) => {
  let page: Page;
  const NAMES = ['Feishu / Lark', 'Telegram', 'Slack'];
  const window = (name: string) => page.getByRole('region', { name });

  test('is one step away from the first page', async () => {
    page = await desk().openAsAdmin();
    await button(page, 'Open the sandbox').click();
    await button(page, 'Start the sandbox').click();
    for (const name of NAMES) await window(name).waitFor();
  });

  test.each(NAMES)('a question on %s gets an answer', async (name) => {
    const log = window(name).getByRole('log');
    await button(window(name), 'Say hello').click();
    await reads(log, 'echo: hello');
    await window(name).getByLabel(`Message on ${name}`).fill('what is two and two?');
    await page.keyboard.press('Enter');
    await reads(log, 'echo: what is two and two?');
    expect(await log.getByRole('article').count()).toBe(4);
  });

  test('in the group the bot answers who names it, and nobody else', async () => {
    const slack = window('Slack');
    const log = slack.getByRole('log');
    const write = async (text: string) => {
      await slack.getByLabel('Message on Slack').fill(text);
      await button(slack, 'Send: Slack').click();
      await reads(log, text);
    };
    await slack.getByRole('radiogroup').locator('label').nth(1).click();
    await slack.getByRole('checkbox', { name: '@ the bot' }).uncheck();
    await write('lunch?');
    await slack.getByRole('checkbox', { name: '@ the bot' }).check();
    await write('who are you?');
    await reads(log, 'echo: who are you?');
    expect(await log.getByText('echo: lunch?').count()).toBe(0);
  });

  test('it stands in the console like everything else, and stops', async () => {
    await page.getByRole('link', { name: 'Conversations', exact: true }).click();
    const asked = page.getByRole('link', { name: 'what is two and two?' });
    await expect.poll(() => asked.count()).toBe(3);
    await page.goBack();
    await button(page, 'Stop the sandbox').click();
    await button(page, 'Start the sandbox').waitFor();
  });
});
