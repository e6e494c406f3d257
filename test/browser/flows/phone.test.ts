import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered } from '../../flow/helpers/chats.ts';
import { overflow } from '../support/page.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, heading, reads, save, signInAt } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** The same on a phone: 390 pixels, touched and not clicked, and nothing that has to be scrolled sideways. */
describeFlow('a phone', startDesk, (desk) => {
  let page: Page;
  beforeAll(async () => {
    await setUp(desk());
    const { telegram } = desk().world;
    await telegram.say({ chat: 'phone', text: 'on the way' });
    await answered(telegram, 'phone', 'You said: on the way');
    page = await desk().open({ phone: true });
    await signInAt(page, desk().hub.url);
  });

  /** Opens the menu and follows a link of it. */
  async function goBy(name: string): Promise<void> {
    await button(page, 'Menu').tap();
    const menu = page.getByRole('dialog', { name: 'Menu' });
    await menu.getByRole('link', { name, exact: true }).tap();
    await heading(page, name).waitFor();
    await menu.waitFor({ state: 'hidden' });
    expect([name, await overflow(page)]).toEqual([name, 0]);
  }

  test('the navigation is a menu that closes behind one', async () => {
    expect(await page.getByRole('navigation', { name: 'Main navigation' }).isVisible()).toBe(false);
    for (const name of ['Turns', 'Channels', 'Usage & cost', 'Settings']) await goBy(name);
  });

  test('a conversation is read, and an answer’s story opened', async () => {
    await goBy('Conversations');
    await page.getByRole('link', { name: 'on the way' }).tap();
    const transcript = page.getByRole('log', { name: 'Transcript' });
    await reads(transcript, 'You said: on the way');
    await button(transcript, 'How did this come about?').tap();
    const story = page.getByRole('list', { name: 'What happened, in order' });
    await story.getByText('Asked a model').waitFor();
    await story.scrollIntoViewIfNeeded();
    expect(await overflow(page)).toBe(0);
  });

  test('a change is made, and holds for the next message', async () => {
    await goBy('Tenants');
    await page.getByRole('link', { name: 'acme' }).tap();
    await page.getByLabel('Instructions for the model').fill('Answer like a sailor.');
    await save(page);
    expect(await overflow(page)).toBe(0);
    const { telegram, openai } = desk().world;
    await telegram.say({ chat: 'phone', text: 'and now?' });
    await answered(telegram, 'phone', 'You said: and now?');
    expect(openai.requests.at(-1)?.chat?.system).toContain('Answer like a sailor.');
  });
});
