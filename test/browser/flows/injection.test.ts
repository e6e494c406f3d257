import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered } from '../../flow/helpers/chats.ts';
import { until } from '../../support/index.ts';
import { settle } from '../support/page.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, chooseTenant, reads } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** What would run if any page took a text for HTML, named after where it stands. Each calls `hacked`, which tells. */
const traps = (where: string) =>
  [
    `<img src=x onerror="hacked('${where}')">`,
    `<script>hacked('${where}')</script>`,
    `<svg onload=hacked('${where}')>`,
    `<iframe srcdoc="<script>parent.hacked('${where}')</script>"></iframe>`,
  ].join('');
/** The first of them alone, for names, which are short. */
const trap = (where: string) => `<img src=x onerror="hacked('${where}')">`;
const LINKS = [
  "[press me](javascript:hacked('link'))",
  "[and me](JaVaScRiPt:hacked('link'))",
  "[data](data:text/html,<script>hacked('link')</script>)",
  '<a href="javascript:hacked(\'link\')">or me</a>',
  '[quote](https://good.example/"onmouseover="hacked(\'link\'))',
  "javascript:hacked('link')",
].join(' ');
const ANSWER = `the answer ${traps('answer')} ${LINKS} \`\`\`html\n${traps('code')}\n\`\`\``;

// What runs in the page is text: the type checker knows no DOM here.
/** Elements that only a text taken for HTML could have made, and links that are more than http(s). */
const INTRUDERS = `[
  ...[...document.querySelectorAll('img[src="x"], svg[onload], iframe, [onerror], [onmouseover], #root script')]
    .map((element) => element.outerHTML.slice(0, 100)),
  ...[...document.querySelectorAll('a[href]')].map((link) => link.protocol).filter((protocol) => !/^https?:$/.test(protocol)),
]`;
const SMUGGLE = `new Promise((resolve) => {
  document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
  document.body.insertAdjacentHTML('beforeend', '<svg onload="hacked()"></svg>');
})`;

const start = () => startDesk({ model: { reply: () => ANSWER } });

/** Whatever people, models and configuration say is shown as text: nothing runs, nothing is an element, no link is a trap. */
describeFlow('what others wrote', start, (desk) => {
  let page: Page;
  let paths: Record<string, string>;

  beforeAll(async () => {
    const { world, hub } = desk();
    const name = `Acme ${trap('tenant')}`;
    const admin = await setUp(desk(), {
      tenant: { name, system_prompt: traps('prompt') },
      channel: { streaming: false },
      rules: [{ tenant: 'acme', match: { exact: [traps('rule')] }, reply: traps('rule reply') }],
      guard: [{ tenant: 'acme', block_keywords: [traps('guard')] }],
    });
    const { document } = (await admin.get('/config')).body;
    const writes: [method: string, path: string, body: object][] = [
      ['PATCH', '/me', { name: `admin ${trap('me')}` }],
      [
        'POST',
        '/users',
        { username: 'mallory', name: `mallory ${trap('user')}`, roles: [{ tenant: 'acme', role: 'viewer' }] },
      ],
      ['POST', '/api-keys', { tenant: 'acme', name: `key ${trap('api key')}` }],
      [
        'POST',
        '/policies',
        {
          tenant: 'acme',
          name: `policy ${trap('policy')}`,
          effect: 'deny',
          actions: ['channel:write'],
          resources: ['tenant/acme/*'],
          principals: ['role:viewer@acme'],
        },
      ],
      ['POST', '/config/versions', { document, comment: `draft ${traps('comment')}` }],
    ];
    for (const [method, path, body] of writes) {
      const { status, text } = await admin.send(method, path, body);
      expect([path, status, text]).toEqual([path, expect.toBeOneOf([200, 201]), text]);
    }

    const from = `Eve ${trap('sender')}`;
    await world.telegram.say({ chat: 'evil', from, text: `the question ${traps('question')} ${LINKS}` });
    await answered(world.telegram, 'evil', 'the answer');
    world.slack.misbehave({ method: 'chat.postMessage', action: { kind: 'error', error: 'is_archived' } });
    await world.slack.say({ chat: 'lost', text: `the lost question ${traps('dead letter')}` });
    const letter = await until('the dead letter', async () => (await admin.get('/dead-letters')).body.items[0]);
    const turns = await until('both turns', async () => {
      const { items } = (await admin.get('/turns')).body;
      return items.length === 2 ? items : undefined;
    });
    const { conversation, id } = turns.find(({ channel }: { channel: string }) => channel === 'telegram');
    paths = {
      conversation: `/conversations/acme/${conversation}`,
      turn: `/turns/${id}`,
      'lost turn': `/turns/${letter.id}`,
    };
    page = await desk().openAsAdmin();
    await chooseTenant(page, 'Acme');
    expect(hub.logs.length).toBeGreaterThan(0);
  });

  const intruders = () => page.evaluate<string[]>(INTRUDERS);
  const visit = async (path: string) => {
    await page.goto(desk().hub.url + path);
    await settle(page);
    expect([path, await intruders()]).toEqual([path, []]);
  };

  test('the transcript shows question and answer to the letter', async () => {
    await visit(paths.conversation ?? '');
    const transcript = page.getByRole('log', { name: 'Transcript' });
    await reads(transcript, `the question ${traps('question')}`);
    await reads(transcript, `the answer ${traps('answer')}`);
    await reads(transcript, "[press me](javascript:hacked('link'))");
    expect(await transcript.locator('pre').textContent()).toContain(traps('code'));
    for (const link of await transcript.getByRole('link').all()) {
      expect(await link.getAttribute('href')).toMatch(/^https:\/\/good\.example/);
      expect(await link.getAttribute('rel')).toContain('noopener');
    }
    await button(transcript, 'How did this come about?').click();
    await page.getByRole('list', { name: 'What happened, in order' }).waitFor();
    expect(await intruders()).toEqual([]);
  });

  test.each([
    ['/', 'tenant'],
    ['/tenants', 'tenant'],
    ['/tenants/acme', 'tenant'],
    ['/rules', 'rule reply'],
    ['/quota', undefined],
    ['/usage', undefined],
    ['/users', 'user'],
    ['/api-keys', 'api key'],
    ['/audit', undefined],
    ['/settings', 'comment'],
    ['/profile', undefined],
    ['/conversations', 'question'],
    ['/turns', undefined],
    ['/channels/telegram', undefined],
    ['/dead-letters', undefined],
  ])('%s shows it as text', async (path, where) => {
    await visit(path);
    if (where) await reads(page, `onerror="hacked('${where}')"`);
  });

  test('a turn and a dead letter show it as text', async () => {
    await visit(paths.turn ?? '');
    await reads(page, `the question ${traps('question')}`);
    await visit(paths['lost turn'] ?? '');
    await reads(page, `the lost question ${traps('dead letter')}`);
    await visit('/dead-letters');
    await page
      .getByRole('row', { name: /platform_rejected/ })
      .getByRole('button')
      .first()
      .click();
    await reads(page.getByRole('dialog', { name: 'Inspect' }), `the lost question ${traps('dead letter')}`);
    expect(await intruders()).toEqual([]);
  });

  test('the playground shows it as text while it is written', async () => {
    await visit('/playground');
    await page.getByLabel('Question').fill(`${traps('asked here')} ${LINKS}`);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'The whole turn' }).waitFor();
    await reads(page.getByRole('log'), `the answer ${traps('answer')}`);
    expect(await intruders()).toEqual([]);
  });

  test('an address is no way in either', async () => {
    const evil = encodeURIComponent(traps('address'));
    for (const path of [
      `/${evil}`,
      `/channels/${evil}`,
      `/turns?q=${evil}`,
      `/conversations?q=${evil}`,
      `/turns/${evil}`,
    ]) {
      await visit(path);
    }
  });

  test('the traps do work where they are let in', async () => {
    const before = desk().complaints().length;
    expect(before).toBe(0);
    const open = await desk().browser.newContext();
    const ran: string[] = [];
    await open.exposeBinding('hacked', (_source, where) => void ran.push(String(where)));
    const bare = await open.newPage();
    await bare.route('**', (route) => route.fulfill({ contentType: 'text/html', body: traps('no console') }));
    await bare.goto('http://bare.example/');
    await expect.poll(() => ran.length).toBeGreaterThanOrEqual(2);
    await open.close();
  });

  test('and the page’s own policy would stop them', async () => {
    const guarded = await desk().openAsAdmin();
    expect(await guarded.evaluate<string>(SMUGGLE)).toBe('script-src-attr');
    const told = desk().complaints();
    expect(told.some((complaint) => complaint.startsWith('the CSP refused'))).toBe(true);
    expect(told.some((complaint) => complaint.startsWith('a script ran'))).toBe(false);
    desk().forgive();
  });
});
