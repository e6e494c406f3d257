import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../../support/index.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, choose, goTo, heading, reads } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** Somebody who may look and not touch: the console offers nothing that would be refused, and says why. */
describeFlow('a viewer', startDesk, (desk) => {
  let admin: Page;
  let page: Page;
  let initialPassword: string;
  beforeAll(async () => {
    const owner = await setUp(desk(), EVERYTHING);
    await desk().world.slack.say({ chat: 'seen', text: 'what a viewer reads' });
    await until('the turn', async () => (await owner.get('/turns')).body.items.length > 0);
    admin = await desk().openAsAdmin();
  });

  test('is made by an owner, who is shown the password once', async () => {
    await goTo(admin, 'Users & access');
    await button(admin, 'Add a user').click();
    const dialog = admin.getByRole('dialog', { name: 'Add a user' });
    await dialog.getByLabel('User name').fill('vera');
    await choose(admin, 'Role 1', 'viewer');
    await choose(admin, 'Where role 1 holds', 'acme');
    await button(dialog, 'Save').click();
    const shown = admin.getByRole('dialog', { name: 'Initial password' });
    initialPassword = (await shown.locator('code').textContent()) ?? '';
    expect(initialPassword.length).toBeGreaterThan(11);
    await button(shown, 'I have copied it').click();
    await admin.getByRole('row', { name: /vera.*viewer · acme/ }).waitFor();
    expect(await admin.content()).not.toContain(initialPassword);
  });

  test('chooses an own password before anything else', async () => {
    page = await desk().open();
    await page.goto(desk().hub.url);
    await page.getByLabel('User name').fill('vera');
    await page.getByLabel('Password', { exact: true }).fill(initialPassword);
    await button(page, 'Sign in').click();
    await heading(page, 'Choose your own password').waitFor();
    await page.getByLabel('Present password').fill(initialPassword);
    await page.getByLabel('New password', { exact: true }).fill('vera looks and does not touch');
    await page.getByLabel('New password, once more').fill('vera looks and does not touch');
    await button(page, 'Change password').click();
    await heading(page, 'Overview').waitFor();
  });

  test('finds only what the role shows, and reads why the rest is closed', async () => {
    const links = page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link');
    expect(await links.allTextContents()).toEqual([
      'Overview',
      'Conversations',
      'Turns',
      'Dead letters',
      'Usage & cost',
      'Channels',
      'Models',
      'Tenants',
      'Quota & budgets',
      'Rules & guard',
    ]);
    const closed = {
      users: 'user:read',
      audit: 'audit:read',
      settings: 'settings:read',
      'api-keys': 'api_key:read',
      setup: 'channel:write',
      playground: 'playground:use',
      'tenants/new': 'tenant:write',
      'models/new': 'model:write',
    };
    for (const [path, action] of Object.entries(closed)) {
      await page.goto(`${desk().hub.url}/${path}`);
      await reads(page, 'You may not see this');
      await reads(page, `It needs the permission ${action}.`);
    }
  });

  test('is offered no change on any page, and reads why', async () => {
    const paths = {
      'tenants/acme': 'tenant:write',
      'channels/slack': 'channel:write',
      'models/sim': 'model:write',
      'models/dear': 'model:write',
    };
    for (const [path, action] of Object.entries(paths)) {
      await page.goto(`${desk().hub.url}/${path}`);
      const tab = page.getByRole('tab', { name: 'Settings' });
      await page.getByRole('tab').first().waitFor();
      if (await tab.count()) await tab.click();
      await reads(page, `You may look at this and not change it. That needs the permission ${action}.`);
      const { count, enabled } = await page.evaluate<{ count: number; enabled: string[] }>(CONTROLS_OF_FORMS);
      expect([path, enabled]).toEqual([path, []]);
      expect(count).toBeGreaterThan(10);
    }
    await goTo(page, 'Channels');
    await page.getByRole('link', { name: 'slack', exact: true }).waitFor();
    expect(await button(page, 'Connect a bot').count()).toBe(0);
    await goTo(page, 'Conversations');
    await page.getByRole('link', { name: 'what a viewer reads' }).click();
    await reads(page.getByRole('log', { name: 'Transcript' }), 'You said: what a viewer reads');
    expect(await button(page, 'Take over').count()).toBe(0);
    await goTo(page, 'Rules & guard');
    await reads(page, 'No rule yet');
    expect(await button(page, 'Add a rule').count()).toBe(0);
    await goTo(page, 'Quota & budgets');
    await button(page, 'Raise').waitFor();
    expect(await button(page, 'Raise').isDisabled()).toBe(true);
  });

  test('is refused when the browser asks all the same, and the owner reads of it in the audit log', async () => {
    const url = (path: string) => `${desk().hub.url}/api/admin${path}`;
    const me = await (await page.request.get(url('/me'))).json();
    const read = await page.request.get(url('/tenants/acme'));
    const { config } = await read.json();
    const headers = { 'x-csrf-token': me.csrf_token, 'if-match': read.headers().etag ?? '' };
    const tries: [method: string, path: string, data: object, lacks: string][] = [
      ['PUT', '/tenants/acme', { config: { ...config, system_prompt: 'Obey vera.' } }, 'tenant:write'],
      ['DELETE', '/channels/slack', {}, 'channel:write'],
      ['PUT', '/tenants/acme/rules', { rules: [] }, 'rule:write'],
      ['POST', '/channels/slack/test', { chat: 'seen', text: 'from vera' }, 'channel:test'],
      ['POST', '/users', { username: 'friend', roles: [{ tenant: '*', role: 'owner' }] }, 'user:write'],
      ['PATCH', `/users/${me.user.id}`, { roles: [{ tenant: '*', role: 'owner' }] }, 'user:write'],
    ];
    for (const [method, path, data, lacks] of tries) {
      const refused = await page.request.fetch(url(path), { method, headers, data });
      const { error } = await refused.json();
      expect([path, refused.status(), error.code, error.message]).toEqual([
        path,
        403,
        'forbidden',
        expect.stringContaining(lacks),
      ]);
    }
    await goTo(admin, 'Tenants');
    await admin.getByRole('link', { name: 'acme' }).click();
    expect(await admin.getByLabel('Instructions for the model').inputValue()).toBe('');
    await goTo(admin, 'Audit log');
    await admin
      .getByRole('row', { name: /vera.*tenant:write denied/ })
      .first()
      .waitFor();
  });
});

/** Every part of the forms is open: what is switched off shows none of its fields. */
const EVERYTHING = {
  tenant: {
    models: ['sim', 'dear'],
    model_limits: { sim: { minute: 30 } },
    platform_limits: { slack: { day: 1000 } },
    budget: { monthly_usd: 100, warn_at: [0.5], on_exceeded: 'downgrade', downgrade_to: 'sim' },
    short_query: { max_characters: 40, model: 'sim' },
    cache: { ttl_seconds: 60 },
    admin_chat: { channel: 'slack', chat: 'ops' },
    anomaly: { factor: 10 },
  },
  channel: { triggers: { allow_chats: [], deny_users: ['spammer'] } },
  models: [
    {
      id: 'dear',
      provider: 'openai-compatible',
      endpoints: [{ base_url: 'https://model.example/v1', region: 'eu' }],
      keys: ['sk-1', 'sk-2'],
      price: { input: 1, output: 2, tiers: [{ from_input_tokens: 1000, input: 2, output: 4 }] },
    },
  ],
};

// What runs in the page is text: the type checker knows no DOM here.
/** All that could be pressed or filled in, but for what only shows something else (links, tabs, sections), and what of it is on. */
const CONTROLS_OF_FORMS = `(() => {
  const controls = 'button, input, select, textarea, [role=button], [role=switch], [role=combobox], [tabindex="0"]';
  const isNavigation = (control) => control.matches('a, [role=tab], .ant-collapse-header');
  const isOff = (control) => control.matches(':disabled, [aria-disabled=true]');
  const all = [...document.querySelectorAll('main form')]
    .flatMap((form) => [...form.querySelectorAll(controls)])
    .filter((control) => !isNavigation(control));
  return { count: all.length, enabled: all.filter((control) => !isOff(control)).map(({ outerHTML }) => outerHTML.slice(0, 300)) };
})()`;
