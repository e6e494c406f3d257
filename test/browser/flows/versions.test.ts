import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, goTo, reads, save } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** Every change is a version that can be compared and rolled back; who saves second is told so. */
describeFlow('configuration versions', startDesk, (desk) => {
  let page: Page;
  let number = 0;
  /** The instructions that the model gets with the next question. */
  const instructions = async () => {
    const { slack, openai } = desk().world;
    const text = `question ${++number}`;
    await slack.say({ chat: 'versions', text });
    await answered(slack, 'versions', `You said: ${text}`);
    return openai.requests.at(-1)?.chat?.system ?? '';
  };
  const openTenant = async (window: Page) => {
    await goTo(window, 'Tenants');
    await window.getByRole('link', { name: 'acme' }).click();
    await window.getByLabel('Instructions for the model').waitFor();
  };
  const prompt = (window: Page) => window.getByLabel('Instructions for the model');

  beforeAll(async () => {
    await setUp(desk(), { tenant: { system_prompt: 'Be brief.' } });
    page = await desk().openAsAdmin();
  });

  test('a change makes one, with its author and what changed', async () => {
    expect(await instructions()).toContain('Be brief.');
    await openTenant(page);
    await prompt(page).fill('Be verbose.');
    await save(page);
    expect(await instructions()).toContain('Be verbose.');
    await goTo(page, 'Settings');
    const newest = page.getByRole('row', { name: /^2 active/ });
    await newest.waitFor();
    expect(await newest.textContent()).toContain('admin');
    expect(await newest.textContent()).toContain('Tenant acme changed');
    await button(newest, 'Compare').click();
    const diff = page.getByRole('dialog', { name: 'Version 2' });
    await reads(diff, 'tenants[acme].system_prompt');
    await reads(diff, 'Be brief.');
    await reads(diff, 'Be verbose.');
    await page.keyboard.press('Escape');
    await diff.waitFor({ state: 'hidden' });
  });

  test('an older one is rolled back to, and the next question has it', async () => {
    await button(page.getByRole('row', { name: /^1 / }), 'Roll back to this').click();
    await button(page.getByRole('dialog', { name: 'Activate version 1?' }), 'Activate').click();
    await page.getByRole('row', { name: /^1 active/ }).waitFor();
    expect(await instructions()).toContain('Be brief.');
  });

  test('of two editors the second is told, keeps what was typed, and can load the new state', async () => {
    const second = await desk().openAsAdmin();
    await openTenant(page);
    await openTenant(second);
    await prompt(page).fill('From the first editor.');
    await prompt(second).fill('From the second editor.');
    await save(page);
    await button(second, 'Save').click();
    const explained = second.getByRole('dialog', { name: 'Somebody changed this meanwhile' });
    await reads(explained, 'so nothing was saved');
    await button(explained, 'Keep what I typed').click();
    await explained.waitFor({ state: 'hidden' });
    expect(await prompt(second).inputValue()).toBe('From the second editor.');
    expect(await instructions()).toContain('From the first editor.');

    await button(second, 'Save').click();
    await button(explained, 'Load the new state').click();
    await explained.waitFor({ state: 'hidden' });
    await expect.poll(() => prompt(second).inputValue()).toBe('From the first editor.');
    await prompt(second).fill('From both.');
    await save(second);
    expect(await instructions()).toContain('From both.');
  });

  test('a document with mistakes is not even a draft', async () => {
    await goTo(page, 'Settings');
    await button(page, 'Edit as a document').click();
    const dialog = page.getByRole('dialog', { name: 'Edit as a document' });
    const text = dialog.getByLabel('Document');
    const document = JSON.parse(await text.inputValue());
    expect(JSON.stringify(document)).not.toContain('sk-sim');
    document.tenants[0].models = ['nothing'];
    await text.fill(JSON.stringify(document));
    await button(dialog, 'Save as a draft').click();
    await reads(dialog, 'Mistakes');
    await reads(dialog, "unknown model 'nothing'");
    await text.fill('{');
    await button(dialog, 'Check').click();
    await reads(dialog, 'This is not JSON');
  });
});
