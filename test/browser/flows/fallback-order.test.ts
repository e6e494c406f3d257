import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { ConsoleUser } from '../../admin/helpers/console.ts';
import { answered } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, chooseTenant, goTo, reads, save } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** Which model answers and which take over is sorted by hand, with the mouse or the keyboard. */
describeFlow('the fallback order', startDesk, (desk) => {
  let page: Page;
  let admin: ConsoleUser;
  beforeAll(async () => {
    const echoes = ['echo-1', 'echo-2'];
    admin = await setUp(desk(), {
      tenant: { models: ['sim', ...echoes] },
      models: echoes.map((id) => ({ id, provider: 'echo' })),
    });
    page = await desk().openAsAdmin();
    await chooseTenant(page, 'acme');
    await goTo(page, 'Models');
  });

  const handle = (id: string) => button(page, `Move ${id}`);
  const shown = async () => {
    const names = await page.getByRole('button', { name: /^Move / }).all();
    return Promise.all(names.map(async (one) => (await one.getAttribute('aria-label'))?.slice('Move '.length)));
  };
  const saved = async () => (await admin.get('/tenants/acme')).body.config.models;
  const told = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor({ state: 'attached' });
  const saveOrder = () => save(page, button(page, 'Save the order'));

  test('is sorted with the keyboard, and every step is told to screen readers', async () => {
    await handle('sim').focus();
    await page.keyboard.press('Space');
    await told('sim is at place 1.');
    await page.keyboard.press('ArrowDown');
    await told('sim is at place 2.');
    await page.keyboard.press('Space');
    await told('sim was put at place 2.');
    expect(await shown()).toEqual(['echo-1', 'sim', 'echo-2']);
    expect(await saved()).toEqual(['sim', 'echo-1', 'echo-2']);
    await saveOrder();
    expect(await saved()).toEqual(['echo-1', 'sim', 'echo-2']);
    const { slack } = desk().world;
    await slack.say({ chat: 'order', text: 'who answers?' });
    await answered(slack, 'order', 'echo: who answers?');
  });

  test('Escape puts a model back where it was', async () => {
    await handle('echo-2').focus();
    await page.keyboard.press('Space');
    await told('echo-2 is at place 3.');
    await page.keyboard.press('ArrowUp');
    await told('echo-2 is at place 2.');
    await page.keyboard.press('Escape');
    await told('echo-2 went back.');
    expect(await shown()).toEqual(['echo-1', 'sim', 'echo-2']);
    expect(await button(page, 'Save the order').isDisabled()).toBe(true);
  });

  test('is sorted with the mouse', async () => {
    await handle('echo-2').hover();
    await page.mouse.down();
    const [from, to] = [await middleOf(handle('echo-2')), await middleOf(handle('echo-1'))];
    // Less than a few pixels is a click.
    await page.mouse.move(from.x, from.y - 10, { steps: 4 });
    await told('echo-2 is at place 3.');
    await page.mouse.move(to.x, to.y, { steps: 10 });
    await told('echo-2 is at place 1.');
    await page.mouse.up();
    await told('echo-2 was put at place 1.');
    expect(await shown()).toEqual(['echo-2', 'echo-1', 'sim']);
    await saveOrder();
    expect(await saved()).toEqual(['echo-2', 'echo-1', 'sim']);
  });

  test('a model is taken out of the chain and put to its end again', async () => {
    await button(page, 'Take echo-2 out of the chain').click();
    expect(await shown()).toEqual(['echo-1', 'sim']);
    await saveOrder();
    expect(await saved()).toEqual(['echo-1', 'sim']);
    await page.getByRole('combobox', { name: 'Add a model to the chain' }).click();
    await page.locator('.ant-select-item-option').filter({ hasText: 'echo-2' }).click();
    await saveOrder();
    expect(await saved()).toEqual(['echo-1', 'sim', 'echo-2']);
    await reads(page, 'answers first');
  });
});

async function middleOf(what: Locator): Promise<{ x: number; y: number }> {
  const box = await what.boundingBox();
  if (!box) throw new Error(`${what} is not to be seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
