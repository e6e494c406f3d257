import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../shared/test-hub.ts';
import type { PlatformName } from './types.ts';
import { type SandboxWorld, startSandboxWorld } from './world.ts';

/** The simulated platforms as the hub's child plays them; here in this process, without the hub. */
let world: SandboxWorld;
let hub: TestHub;

beforeEach(async () => {
  [world, hub] = await Promise.all([startSandboxWorld(), startTestHub()]);
  world.connect({ feishu: `${hub.url}/feishu`, telegram: `${hub.url}/telegram`, slack: `${hub.url}/slack` });
});
afterEach(() => Promise.all([world.close(), hub.close()]));

const platformOf = (name: PlatformName) => {
  const found = world.platforms().find(({ platform }) => platform === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

/** A call of the platform's API as the hub makes it. */
async function callTelegram(method: string, body: object): Promise<void> {
  const { api_base_url, credentials } = platformOf('telegram');
  const response = await fetch(`${api_base_url}/bot${credentials.bot_token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

test('each platform has a direct chat and a group, and people with English and Chinese names', () => {
  for (const { chats, people } of world.platforms()) {
    expect(chats.map(({ kind }) => kind)).toEqual(['direct', 'group']);
    expect(people.map(({ name }) => name)).toEqual(['Alice', '李雷']);
  }
});

test('nobody can know the credentials', async () => {
  const other = await startSandboxWorld();
  try {
    const secrets = (of: SandboxWorld) => of.platforms().flatMap(({ credentials }) => Object.values(credentials));
    const shared = secrets(world).filter((secret) => secrets(other).includes(secret));
    expect(shared).toEqual([]);
  } finally {
    await other.close();
  }
});

describe.each(['feishu', 'telegram', 'slack'] as const)('%s', (platform) => {
  test('what a person says goes out signed, and stands in the chat', async () => {
    const { id } = await world.say(platform, 'group', { person: 'lilei', text: '你好', mention: true });
    const [request] = await hub.received(1);
    expect(request?.path).toBe(`/${platform}`);
    const signed = ['x-lark-signature', 'x-telegram-bot-api-secret-token', 'x-slack-signature'];
    expect(Object.keys(request?.headers ?? {}).filter((name) => signed.includes(name))).toHaveLength(1);
    const { items, typing } = world.view(platform, 'group');
    expect(typing).toBe(false);
    expect(items).toMatchObject([{ id, from: 'person', name: '李雷', edited: false }]);
    expect(items[0]?.text).toContain('你好');
  });

  test('only who is in a chat speaks there, and only in chats that there are', async () => {
    const stranger = { code: 'invalid_request', field: 'person' };
    await expect(world.say(platform, 'direct', { person: 'lilei', text: 'x' })).rejects.toMatchObject(stranger);
    await expect(world.say(platform, 'group', { person: 'mallory', text: 'x' })).rejects.toMatchObject(stranger);
    await expect(world.say(platform, 'cellar', { person: 'alice', text: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const thread = world.say(platform, 'group', { person: 'alice', text: 'x', thread: '4711' });
    await expect(thread).rejects.toMatchObject({ code: 'invalid_request', field: 'thread' });
    expect(world.view(platform, 'group').items).toEqual([]);
  });
});

describe.each(['feishu', 'slack'] as const)('a thread on %s', (platform) => {
  test('begins under a message and goes by its id, whichever message of it is named', async () => {
    const root = await world.say(platform, 'group', { person: 'alice', text: 'a plan' });
    const first = await world.say(platform, 'group', { person: 'lilei', text: 'why', thread: root.id });
    await world.say(platform, 'group', { person: 'alice', text: 'because', thread: first.id });
    await world.say(platform, 'group', { person: 'alice', text: 'really', thread: root.id });
    const threads = world.view(platform, 'group').items.map(({ thread }) => thread);
    expect(threads).toEqual([undefined, root.id, root.id, root.id]);
  });
});

test('on Telegram a thread is a topic, made by its name; under a message one replies', async () => {
  await world.say('telegram', 'group', { person: 'alice', text: 'in the topic', thread: 'Releases' });
  const [inTopic] = world.view('telegram', 'group').items;
  expect(inTopic?.thread).toMatch(/^\d+$/);
  const again = { person: 'lilei', text: 'me too', thread: inTopic?.thread ?? '' };
  await world.say('telegram', 'group', again);
  const question = await world.say('telegram', 'group', { person: 'alice', text: 'outside' });
  await world.say('telegram', 'group', { person: 'lilei', text: 'answer', thread: question.id });
  const { items } = world.view('telegram', 'group');
  expect(items.map(({ thread }) => thread)).toEqual([inTopic?.thread, inTopic?.thread, undefined, undefined]);
  expect(items.at(-1)?.reply_to).toBe(question.id);
});

test('on Telegram one sees the bot type, the draft grow, and then the message', async () => {
  await world.say('telegram', 'direct', { person: 'alice', text: 'a question' });
  const [request] = await hub.received(1);
  const update = JSON.parse(String(request?.body)) as { message: { chat: { id: number } } };
  const chat_id = update.message.chat.id;
  await callTelegram('sendChatAction', { chat_id, action: 'typing' });
  expect(world.view('telegram', 'direct').typing).toBe(true);
  await callTelegram('sendMessageDraft', { chat_id, draft_id: 7, text: 'half' });
  expect(world.view('telegram', 'direct')).toMatchObject({
    items: [{ from: 'person' }, { id: 'draft', from: 'bot', text: 'half' }],
    typing: true,
  });
  await callTelegram('sendMessage', { chat_id, text: 'half and whole' });
  expect(world.view('telegram', 'direct')).toMatchObject({
    items: [{ from: 'person' }, { from: 'bot', name: 'Parley', text: 'half and whole', edited: false }],
    typing: false,
  });
});

test('on Slack an edited message says so, and a status shows as typing', async () => {
  const { id } = await world.say('slack', 'group', { person: 'alice', text: 'a question' });
  const { api_base_url, credentials } = platformOf('slack');
  const [request] = await hub.received(1);
  const { event } = JSON.parse(String(request?.body)) as { event: { channel: string } };
  const call = async (method: string, body: object) => {
    const response = await fetch(`${api_base_url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credentials.bot_token}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { ok: boolean; ts: string };
    expect(answer).toMatchObject({ ok: true });
    return answer;
  };
  const { channel } = event;
  await call('assistant.threads.setStatus', { channel_id: channel, thread_ts: id, status: 'is thinking…' });
  expect(world.view('slack', 'group').typing).toBe(true);
  const { ts } = await call('chat.postMessage', { channel, thread_ts: id, text: 'begun' });
  await call('chat.update', { channel, ts, text: 'done' });
  const { items, typing } = world.view('slack', 'group');
  expect(typing).toBe(false);
  expect(items.at(-1)).toMatchObject({ from: 'bot', text: 'done', edited: true, thread: id });
});
