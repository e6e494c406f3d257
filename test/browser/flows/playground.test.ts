import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, chooseTenant, goTo, heading, reads } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

const ANSWER = 'Streams are read a little at a time, and shown as they come, word by word, until they end.';
/** Slow enough to be watched: the answer takes about two seconds. */
const start = () => startDesk({ model: { reply: () => ANSWER, tokensPerSecond: 12 } });

/** An answer of a tenant's configuration, as it is written, and how it came about beside it. */
describeFlow('the playground', start, (desk) => {
  let page: Page;
  const log = () => page.getByRole('log', { name: 'Conversation' });
  const lastBubble = () => log().getByRole('article').last().locator('.bubble');
  const ask = async (text: string) => {
    await page.getByLabel('Question').fill(text);
    await page.keyboard.press('Enter');
  };

  beforeAll(async () => {
    await setUp(desk(), { rules: [{ tenant: 'acme', match: { exact: ['hi'] }, reply: 'Hello by rule.' }] });
    page = await desk().openAsAdmin();
    await chooseTenant(page, 'acme');
    await goTo(page, 'Playground');
  });

  test('shows an answer while it is written, then how it came about', async () => {
    await ask('how do streams work?');
    await button(page, 'Stop').waitFor();
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          const text = (await lastBubble().textContent()) ?? '';
          seen.add(text);
          return text;
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBe(ANSWER);
    const parts = [...seen].filter((text) => text !== ANSWER && text !== '…');
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(ANSWER.startsWith(part.trim())).toBe(true);

    const timeline = page.getByRole('list', { name: 'What happened, in order' });
    await timeline.getByText('Asked a model').waitFor();
    await reads(page, /^sim · \d+ tokens · /);
    await page.getByRole('link', { name: 'The whole turn' }).click();
    await page.waitForURL('**/turns/*');
    await reads(page, 'how do streams work?');
    await page.goBack();
    await heading(page, 'Playground').waitFor();
  });

  test('a rule answers here as it does in a chat', async () => {
    const asked = desk().world.openai.requests.length;
    await ask('hi');
    await expect.poll(() => lastBubble().textContent()).toBe('Hello by rule.');
    expect(desk().world.openai.requests).toHaveLength(asked);
  });

  test('an answer can be stopped; the model is left', async () => {
    await ask('go on for ever');
    await expect.poll(() => lastBubble().textContent()).toMatch(/^Streams/);
    await button(page, 'Stop').click();
    await button(page, 'Send').waitFor();
    const text = (await lastBubble().textContent()) ?? ANSWER;
    expect(text.length).toBeLessThan(ANSWER.length);
    await expect.poll(() => desk().world.openai.requests.at(-1)?.outcome).toBe('client_left');
  });

  test('a failure is told where the answer would stand', async () => {
    const repair = desk().world.openai.misbehave({ action: { kind: 'overloaded' } });
    await ask('are you well?');
    await page.getByRole('alert').waitFor();
    repair();
  });
});
