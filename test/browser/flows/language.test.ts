import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { ADMIN_PASSWORD } from '../../admin/helpers/console.ts';
import { answered } from '../../flow/helpers/chats.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, heading, reads } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** Both languages: what the browser prefers at first, then what the person chose, everywhere and for good. */
describeFlow('Chinese and English', startDesk, (desk) => {
  let page: Page;
  const language = () => page.locator('html').getAttribute('lang');
  async function switchTo(name: string) {
    await page.getByRole('button', { name: /^(Language: English|语言：中文)$/ }).click();
    await page.getByRole('menuitem', { name }).click();
  }

  beforeAll(async () => {
    await setUp(desk());
    const { feishu } = desk().world;
    await feishu.say({ chat: 'zh', text: '你好' });
    await answered(feishu, 'zh', 'You said: 你好');
  });

  test('a Chinese browser is greeted in Chinese, also when something is wrong', async () => {
    page = await desk().open({ locale: 'zh-CN' });
    await page.goto(desk().hub.url);
    await heading(page, '登录 Parley').waitFor();
    expect(await language()).toBe('zh-CN');
    expect(await page.title()).toBe('登录 Parley · Parley');
    await page.getByLabel('用户名').fill('admin');
    await page.getByLabel('密码', { exact: true }).fill('不是这个密码');
    await button(page, '登录').click();
    await reads(page, '用户名或密码错误。');
    await page.getByLabel('密码', { exact: true }).fill(ADMIN_PASSWORD);
    await button(page, '登录').click();
    await heading(page, '概览').waitFor();
  });

  test('no page has an English heading, menu or table left in it', async () => {
    const links = page.getByRole('navigation', { name: '主导航' }).getByRole('link');
    const names = await links.allTextContents();
    expect(names).toHaveLength(15);
    for (const name of names) {
      expect(name).toMatch(/[\u4e00-\u9fff]/);
      await links.filter({ hasText: new RegExp(`^${name}$`) }).click();
      await heading(page, name).waitFor();
      const said = await page.locator('main').locator('h1, h2, th, [role="tab"], .ant-empty').allTextContents();
      const english = said.filter((text) => /^[A-Z][a-z]+( [a-z]+)+$/.test(text.trim()));
      expect([name, english]).toEqual([name, []]);
    }
  });

  test('the hub’s own explanations are Chinese too', async () => {
    await page.getByRole('link', { name: '会话', exact: true }).click();
    await page.getByRole('link', { name: '你好' }).click();
    await button(page, '查看处理过程').click();
    await page.getByRole('list', { name: '处理过程' }).waitFor();
    const why = page
      .locator('section', { has: page.getByRole('heading', { name: '处理过程' }) })
      .locator('p')
      .first();
    expect(await why.textContent()).toMatch(/[\u4e00-\u9fff]/);
  });

  test('a choice changes everything at once and is remembered', async () => {
    await switchTo('English');
    await heading(page, 'Conversation').waitFor();
    await page.getByRole('navigation', { name: 'Main navigation' }).waitFor();
    expect(await language()).toBe('en');
    await page.reload();
    await heading(page, 'Conversation').waitFor();
    const another = await page.context().newPage();
    await another.goto(`${desk().hub.url}/channels`);
    await heading(another, 'Channels').waitFor();
    await another.close();

    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading(page, 'Sign in to Parley').waitFor();
    await switchTo('简体中文');
    await heading(page, '登录 Parley').waitFor();
  });

  test('an English browser is greeted in English', async () => {
    const english = await desk().open();
    await english.goto(desk().hub.url);
    await heading(english, 'Sign in to Parley').waitFor();
    expect(await english.locator('html').getAttribute('lang')).toBe('en');
  });
});
