import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered, botSaid } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, goTo, reads } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** An answer that the platform did not take is looked at and sent again; another one is dropped. */
describeFlow('a dead letter', startDesk, (desk) => {
  let page: Page;
  beforeAll(async () => {
    await setUp(desk(), { channel: { streaming: false } });
    page = await desk().openAsAdmin();
  });

  test('what could not be delivered stands in the console without a reload, with question and answer', async () => {
    const { slack } = desk().world;
    await goTo(page, 'Dead letters');
    await reads(page, 'Every message was answered, or its asker was told why not.');
    const repair = slack.misbehave({ method: 'chat.postMessage', action: { kind: 'error', error: 'is_archived' } });
    await slack.say({ chat: 'lost', text: 'will you reach me?' });
    const row = page.getByRole('row', { name: /platform_rejected/ });
    await row.waitFor();
    await slack.say({ chat: 'given-up', text: 'never mind' });
    await expect.poll(() => row.count()).toBe(2);
    repair();

    await row.last().getByRole('button').first().click();
    const letter = page.getByRole('dialog', { name: 'Inspect' });
    await reads(letter, 'You said: will you reach me?');
    await letter.getByText('will you reach me?', { exact: true }).waitFor();
  });

  test('replayed, the answer arrives, and the model is not asked again', async () => {
    const { slack, openai } = desk().world;
    const asked = openai.requests.length;
    const letter = page.getByRole('dialog', { name: 'Inspect' });
    await button(letter, 'Replay').click();
    await answered(slack, 'lost', 'You said: will you reach me?');
    await letter.waitFor({ state: 'hidden' });
    expect(openai.requests).toHaveLength(asked);
    await expect.poll(() => page.getByRole('row', { name: /platform_rejected/ }).count()).toBe(1);
  });

  test('dropped, after a question whether one means it, it is gone and nothing is sent', async () => {
    const row = page.getByRole('row', { name: /platform_rejected/ });
    await button(row, 'Drop').click();
    const question = page.getByRole('dialog', { name: 'Drop this message for good?' });
    await button(question, 'Cancel').click();
    await question.waitFor({ state: 'hidden' });
    expect(await row.count()).toBe(1);
    await button(row, 'Drop').click();
    await button(question, 'Drop').click();
    await reads(page, 'No dead letters');
    expect(botSaid(desk().world.slack, 'given-up')).toEqual([]);
  });
});
