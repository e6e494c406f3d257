import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_PASSWORD, type ConsoleUser, signIn } from '../admin/helpers/console.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startHub, type TestHub, until } from '../support/index.ts';

/** The sandbox as a newcomer finds it: `start` without anything, the console's own requests, and an answer. */
const cleanup = createCleanup();
let hub: TestHub;
let admin: ConsoleUser;

beforeAll(async () => {
  hub = cleanup.add(await startHub({ env: { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD } }));
  admin = await signIn(hub.url);
});
afterAll(() => cleanup.run());

const chatOf = (platform: string, chat: string) => `/sandbox/${platform}/chats/${chat}/messages`;

async function status() {
  return (await admin.get('/sandbox')).body as {
    state: string;
    tenant: string;
    error: string | null;
    channels: object[];
  };
}

test('it is off at first, there for whoever may use it, and says so', async () => {
  expect(await status()).toEqual({ state: 'off', tenant: 'default', channels: [], error: null });
  expect((await admin.get('/me')).body.features.sandbox).toBe(true);
  expect((await admin.get(chatOf('slack', 'direct'))).status).toBe(409);
  expect((await fetch(`${hub.url}/api/admin/sandbox`)).status).toBe(401);
});

test('it starts when asked, in the quick start’s tenant', async () => {
  expect((await admin.send('POST', '/sandbox/start')).status).toBe(202);
  const { tenant, channels } = await until('the sandbox', async () => {
    const now = await status();
    expect(now.error).toBeNull();
    return now.state === 'on' ? now : undefined;
  });
  expect(tenant).toBe('default');
  expect(channels).toHaveLength(3);
  // They are no part of what is configured, and nobody can change them there.
  const listed = (await admin.get('/channels')).body.items as { id: string; read_only: boolean }[];
  expect(listed.filter(({ id, read_only }) => id.startsWith('sandbox-') && !read_only)).toEqual([]);
  expect((await admin.get('/config')).body.document?.channels ?? []).toEqual([]);
});

describe.each(['feishu', 'telegram', 'slack'])('%s', (platform) => {
  test.each([
    ['direct', 'alice', false],
    ['group', 'lilei', true],
  ])('a question in the %s chat is answered', async (chat, person, mention) => {
    const text = `你好 from ${chat}`;
    const sent = await admin.send('POST', chatOf(platform, chat), { person, text, mention });
    expect(sent.status).toBe(202);
    const answer = await until('the answer', async () => {
      const { items } = (await admin.get(chatOf(platform, chat))).body as { items: { from: string; text: string }[] };
      return items.find((item) => item.from === 'bot' && item.text.includes(text));
    });
    expect(answer).toMatchObject({ name: 'Parley' });
  });
});

test('it stops when asked, and ends with the hub', async () => {
  expect((await admin.send('POST', '/sandbox/stop')).body).toMatchObject({ state: 'off' });
  expect((await admin.get(chatOf('slack', 'direct'))).status).toBe(409);
  await admin.send('POST', '/sandbox/start');
  await until('the sandbox', async () => (await status()).state === 'on');
  expect(await hub.terminate()).toBe(0);
});
