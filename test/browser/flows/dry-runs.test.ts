import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered, botSaid } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, choose, chooseTenant, goTo, reads, save } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** Rules, guard and triggers are tried out before they are saved or anything is sent. */
describeFlow('dry runs', startDesk, (desk) => {
  let page: Page;
  const panel = (title: string) =>
    page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
      .filter({ visible: true });
  const tryOut = async (text: string) => {
    await panel('Try a message').getByLabel('Message').fill(text);
    await button(panel('Try a message'), 'Try').click();
  };
  const ask = async (text: string, answer: string) => {
    const { telegram } = desk().world;
    await telegram.say({ chat: 'dry', text });
    await answered(telegram, 'dry', answer);
  };

  beforeAll(async () => {
    await setUp(desk());
    page = await desk().openAsAdmin();
    await chooseTenant(page, 'acme');
  });

  test('a rule answers the tester while nobody else has it, and everybody once it is saved', async () => {
    await goTo(page, 'Rules & guard');
    await button(page, 'Add a rule').click();
    const dialog = page.getByRole('dialog', { name: 'Rule' });
    await dialog.getByLabel('Texts, one a line').fill('opening hours\n\nwhen are you open');
    await dialog.getByRole('textbox', { name: 'Reply' }).fill('Nine to five.');
    await button(dialog, 'Done').click();
    await reads(page, 'These rules are not saved yet.');
    await tryOut('Opening Hours');
    await reads(page, 'Rule 1 matches');
    await panel('Try a message').getByText('Nine to five.').waitFor();
    await tryOut('something else');
    await reads(page, 'No rule matches: a model answers.');
    await ask('opening hours', 'You said: opening hours');

    await save(page);
    await ask('when are you open', 'Nine to five.');
  });

  test('the guard shows what the model would see, before it does it to anybody', async () => {
    const { openai } = desk().world;
    await page.getByRole('tab', { name: 'Guard' }).click();
    await page.getByRole('checkbox', { name: 'E-mail addresses' }).check();
    await page.getByLabel('Refused words, one a line').fill('moonshine');
    await tryOut('write to bob@example.com');
    await reads(page, 'It would pass');
    await reads(panel('Try a message'), 'write to [EMAIL_1]');
    await tryOut('where is the moonshine?');
    await reads(page, 'It would be refused');
    await ask('write to bob@example.com', 'You said: write to bob@example.com');
    expect(JSON.stringify(openai.requests.at(-1)?.body)).toContain('bob@example.com');

    await save(page);
    await ask('and to eve@example.com', 'You said: and to eve@example.com');
    expect(JSON.stringify(openai.requests.at(-1)?.body)).not.toContain('eve@example.com');
    await ask('moonshine, please', 'This touches a subject that is not allowed here');
  });

  test('a mistake in a pattern is shown beside it, and nothing is saved', async () => {
    await button(page, 'Add a pattern').click();
    await page.getByRole('textbox', { name: 'Name of pattern 1' }).fill('broken');
    await page.getByRole('textbox', { name: 'Regular expression of pattern 1' }).fill('(');
    await button(page, 'Save').filter({ visible: true }).click();
    await page.locator('.ant-form-item-explain-error').first().waitFor();
  });

  test('triggers say whether the bot would answer, without a message being sent', async () => {
    const { telegram } = desk().world;
    const before = telegram.calls.length;
    const said = botSaid(telegram, 'dry').length;
    await goTo(page, 'Channels');
    await page.getByRole('link', { name: 'telegram', exact: true }).click();
    await page.getByRole('tab', { name: 'Test' }).click();
    const trigger = panel('Would it answer this?');
    await trigger.getByLabel('Text', { exact: true }).fill('lunch, anybody?');
    await button(trigger, 'Try').click();
    await reads(trigger, 'It would answer');
    await trigger.getByRole('switch', { name: 'The bot is mentioned' }).click();
    await button(trigger, 'Try').click();
    await reads(trigger, 'It would stay silent');
    await reads(trigger, 'not_addressed');
    await choose(page, 'Where', 'Direct chat');
    await button(trigger, 'Try').click();
    await reads(trigger, 'It would answer');
    expect(botSaid(telegram, 'dry')).toHaveLength(said);
    expect(telegram.calls).toHaveLength(before);
  });

  // Needs the question that the guard refused.
  test('a past turn fills the form', async () => {
    await goTo(page, 'Turns');
    await page
      .getByRole('row', { name: /Denied|Refused/ })
      .first()
      .getByRole('link')
      .first()
      .click();
    await page.waitForURL(/\/turns\/[^/]+$/);
    const turn = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await goTo(page, 'Channels');
    await page.getByRole('link', { name: 'telegram', exact: true }).click();
    await page.getByRole('tab', { name: 'Test' }).click();
    const trigger = panel('Would it answer this?');
    await trigger.getByLabel('Take a past turn').fill(turn);
    await button(trigger, 'Fill in').click();
    // As it was kept: what is refused is masked at rest.
    await expect.poll(() => trigger.getByLabel('Text', { exact: true }).inputValue()).toBe('***, please');
    await button(trigger, 'Try').click();
    await reads(trigger, 'It would answer');
  });
});
