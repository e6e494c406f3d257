import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered, botSaid } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, confirm, goTo, reads } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** A person answers in place of the bot, and gives the conversation back. */
describeFlow('taking a conversation over', startDesk, (desk) => {
  const CHAT = 'desk';
  let page: Page;
  beforeAll(async () => {
    await setUp(desk());
    const { feishu } = desk().world;
    await feishu.say({ chat: CHAT, text: 'are you a bot?' });
    await answered(feishu, CHAT, 'You said: are you a bot?');
    page = await desk().openAsAdmin();
  });
  const transcript = () => page.getByRole('log', { name: 'Transcript' });

  test('begins after a question whether one means it', async () => {
    await goTo(page, 'Conversations');
    await page.getByRole('link', { name: 'are you a bot?' }).click();
    await button(page, 'Take over').click();
    await reads(page.getByRole('dialog'), 'The bot stays silent here until you give the conversation back.');
    await confirm(page, 'Take over');
    await reads(page, 'admin answers here');
  });

  test('the bot is silent, and the operator’s words arrive in the chat', async () => {
    const { feishu, openai } = desk().world;
    const asked = openai.requests.length;
    await feishu.say({ chat: CHAT, text: 'a person, please' });
    await reads(transcript(), 'a person, please');
    await page.getByLabel('Your reply, sent through the bot').fill('Here I am: **Olga**.');
    await page.keyboard.press('Control+Enter');
    await answered(feishu, CHAT, 'Here I am: Olga.');
    const reply = transcript().getByRole('article').filter({ hasText: 'admin (human)' });
    expect(await reply.locator('strong').textContent()).toBe('Olga');
    expect(openai.requests).toHaveLength(asked);
    expect(botSaid(feishu, CHAT)).toHaveLength(2);
    await goTo(page, 'Conversations');
    await page.getByRole('row', { name: /admin/ }).waitFor();
    await page.goBack();
  });

  test('given back, the bot answers again and knows what was said meanwhile', async () => {
    const { feishu, openai } = desk().world;
    await button(page, 'Give back to the bot').click();
    await button(page, 'Take over').waitFor();
    expect(await page.getByLabel('Your reply, sent through the bot').count()).toBe(0);
    await feishu.say({ chat: CHAT, text: 'the bot again' });
    await answered(feishu, CHAT, 'You said: the bot again');
    await reads(transcript(), 'You said: the bot again');
    const history = openai.requests
      .at(-1)
      ?.chat?.messages.map(({ content }) => content)
      .join('\n');
    expect(history).toContain('Olga');
  });
});
