import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTestHub, type TestHub } from '../shared/test-hub.ts';
import { startTelegramSimulator, type TelegramSimulator, type Update } from './index.ts';

let telegram: TelegramSimulator;
let hub: TestHub;

beforeEach(async () => {
  telegram = await startTelegramSimulator({ speedup: 1000 });
  hub = await startTestHub();
});
afterEach(async () => {
  await telegram.close();
  await hub.close();
});

async function call(method: string, args: Record<string, unknown> = {}, token = telegram.credentials.bot_token) {
  const response = await fetch(`${telegram.url}/bot${token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(args),
  });
  return (await response.json()) as { ok: boolean; result: unknown; error_code?: number; description?: string };
}
const poll = async (args: Record<string, unknown> = {}) => (await call('getUpdates', args)).result as Update[];
const bodyOf = (request: { body: Buffer } | undefined) => JSON.parse(String(request?.body));

test('checks the token and knows methods in any letter case, by GET and by form', async () => {
  expect(await call('getMe', {}, '1:wrong')).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' });
  expect(await call('noSuch')).toMatchObject({ error_code: 404 });
  const base = `${telegram.url}/bot${telegram.credentials.bot_token}`;
  expect(await (await fetch(`${base}/getme`)).json()).toMatchObject({ result: { id: telegram.bot.id, is_bot: true } });
  const { chat } = await telegram.say({ chat: 'lobby', text: 'hi' });
  const form = new FormData();
  form.set('chat_id', chat);
  form.set('text', 'from a form');
  form.set('reply_parameters', '{"message_id":1}');
  const sent = await (await fetch(`${base}/sendMessage`, { method: 'POST', body: form })).json();
  expect(sent).toMatchObject({ result: { text: 'from a form', reply_to_message: { message_id: 1 } } });
});

test('webhook: carries the secret, one chat strictly in order, other chats beside it', async () => {
  await hub.close();
  let failures = 2;
  hub = await startTestHub((request) => {
    if (bodyOf(request).message.text !== 'first' || failures === 0) return {};
    failures -= 1;
    return { status: 500 };
  });
  for (const text of ['first', 'second']) await telegram.say({ chat: 'a', text });
  await telegram.say({ chat: 'b', from: 'bo', text: 'other' });
  expect(await call('setWebhook', { url: hub.url, secret_token: 'Secret_1' })).toMatchObject({ ok: true });
  const requests = await hub.received(5);
  expect(requests.every(({ headers }) => headers['x-telegram-bot-api-secret-token'] === 'Secret_1')).toBe(true);
  const texts = requests.map((request) => bodyOf(request).message.text);
  expect(texts.filter((text) => text !== 'other')).toEqual(['first', 'first', 'first', 'second']);
  expect(texts.indexOf('other')).toBeLessThan(texts.indexOf('second'));
  await vi.waitFor(async () =>
    expect((await call('getWebhookInfo')).result).toMatchObject({ pending_update_count: 0 }),
  );
  expect((await call('getWebhookInfo')).result).toMatchObject({
    url: hub.url,
    last_error_message: 'Wrong response from the webhook: 500',
  });
});

test('webhook: wants HTTPS elsewhere and a clean secret, and honours Retry-After', async () => {
  expect(await call('setWebhook', { url: 'http://example.com/x' })).toMatchObject({ error_code: 400 });
  expect(await call('setWebhook', { url: hub.url, secret_token: 'a b' })).toMatchObject({ error_code: 400 });
  await telegram.close();
  telegram = await startTelegramSimulator({ speedup: 1 });
  await hub.close();
  hub = await startTestHub((_, number) => (number === 1 ? { status: 503, headers: { 'retry-after': '0' } } : {}));
  telegram.setWebhook(hub.url);
  await telegram.say({ chat: 'a', text: 'hi' });
  const [, second] = await hub.received(2);
  expect(second?.headers['x-telegram-bot-api-secret-token']).toBe(telegram.credentials.webhook_secret);
});

test('webhook: a method in the answer is called', async () => {
  await hub.close();
  hub = await startTestHub((request) => {
    const { chat } = bodyOf(request).message;
    return { body: { method: 'sendMessage', chat_id: chat.id, text: 'quick' } };
  });
  telegram.setWebhook(hub.url);
  await telegram.say({ chat: 'a', text: 'hi' });
  await telegram.waitFor('a', ({ text, author }) => text === 'quick' && author === 'bot');
});

test('getUpdates repeats what is not confirmed, and an offset confirms everything below', async () => {
  for (const text of ['one', 'two', 'three']) await telegram.say({ chat: 'a', text });
  const all = await poll();
  expect(all.map(({ message }) => (message as { text: string }).text)).toEqual(['one', 'two', 'three']);
  expect(await poll()).toEqual(all);
  expect(await poll({ limit: 1 })).toEqual(all.slice(0, 1));
  const second = all[1]?.update_id ?? 0;
  expect(await poll({ offset: second })).toEqual(all.slice(1));
  expect(await poll({ offset: -1 })).toEqual(all.slice(2));
  expect(await poll()).toEqual(all.slice(2));
  expect(await poll({ offset: second + 2 })).toEqual([]);
});

test('getUpdates waits for the next update, ends for a newer one, and conflicts with a webhook', async () => {
  const waiting = poll({ timeout: 30 });
  await telegram.say({ chat: 'a', text: 'late' });
  const [update] = await waiting;
  expect(update).toMatchObject({ message: { text: 'late' } });

  const offset = (update?.update_id ?? 0) + 1;
  const older = call('getUpdates', { offset, timeout: 30 });
  await vi.waitFor(async () => {
    expect((await call('getWebhookInfo')).result).toMatchObject({ pending_update_count: 0 });
  });
  expect(await poll({ offset })).toEqual([]);
  expect((await older).description).toContain('terminated by other getUpdates request');

  const interrupted = call('getUpdates', { timeout: 30 });
  await vi.waitFor(() => expect(telegram.calls.at(-1)?.method).toBe('getUpdates'));
  await call('setWebhook', { url: hub.url });
  expect(await interrupted).toMatchObject({ error_code: 409 });
  expect(await call('getUpdates')).toMatchObject({ error_code: 409 });
  await call('deleteWebhook');
  expect(await poll()).toEqual([]);
});

test('allowed_updates leaves the other kinds out', async () => {
  await call('getUpdates', { allowed_updates: ['message'] });
  const { id } = await telegram.say({ chat: 'a', text: 'one' });
  await telegram.edit('a', id, 'two');
  expect((await poll()).map((update) => Object.keys(update)[1])).toEqual(['message']);
  expect(telegram.transcript('a')).toMatchObject([{ text: 'two', versions: ['one', 'two'] }]);
});

test('updates are real: entities in UTF-16, replies, topics, language, edits', async () => {
  const { id } = await telegram.say({
    chat: 'g',
    kind: 'group',
    text: '/ai@parley_sim_bot 😀 @bob https://x.test/a',
    locale: 'zh',
  });
  await telegram.say({ chat: 'g', from: 'bo', text: 'and you?', replyTo: id, mentionBot: true });
  await telegram.say({ chat: 'g', text: '😀 in a topic', thread: 'News', textMention: 'bo' });
  await telegram.edit('g', id, 'changed');
  const [first, reply, topic, edit] = (await poll()) as Record<string, unknown>[];
  expect(first?.message).toMatchObject({
    from: { language_code: 'zh-hans', is_bot: false },
    chat: { type: 'supergroup', id: Number(telegram.chatId('g')) },
    entities: [
      { type: 'bot_command', offset: 0, length: 18 },
      { type: 'mention', offset: 22, length: 4 },
      { type: 'url', offset: 27, length: 16 },
    ],
  });
  expect(reply?.message).toMatchObject({
    text: '@parley_sim_bot and you?',
    entities: [{ type: 'mention', offset: 0, length: 15 }],
    reply_to_message: { message_id: Number(id), from: { username: 'alice' } },
    message_thread_id: Number(id),
  });
  expect(reply?.message).not.toHaveProperty('is_topic_message');
  expect(topic?.message).toMatchObject({
    is_topic_message: true,
    reply_to_message: { forum_topic_created: { name: 'News' } },
    entities: [{ type: 'text_mention', offset: 0, length: 2, user: { id: telegram.userId('bo') } }],
  });
  expect(edit?.edited_message).toMatchObject({
    message_id: Number(id),
    text: 'changed',
    edit_date: expect.any(Number),
  });
});

test('privacy mode hides what is not for the bot', async () => {
  await telegram.close();
  telegram = await startTelegramSimulator({ privacy: true });
  await telegram.say({ chat: 'g', kind: 'group', text: 'among ourselves' });
  await telegram.say({ chat: 'g', text: 'you', mentionBot: true });
  await telegram.say({ chat: 'g', text: '/help@other_bot' });
  expect((await poll()).map(({ message }) => (message as { text: string }).text)).toEqual(['@parley_sim_bot you']);
});

test('every private chat is with one person, whose id is the chat’s', async () => {
  await telegram.say({ chat: 'one', text: 'a' });
  await telegram.say({ chat: 'two', text: 'b' });
  expect(telegram.chatId('one')).not.toBe(telegram.chatId('two'));
  for (const { message } of await poll()) {
    const { from, chat } = message as { from: { id: number }; chat: { id: number } };
    expect(from.id).toBe(chat.id);
  }
});

test('a file is fetched by its path, never without the token', async () => {
  await telegram.sendFile({ chat: 'a', fileName: 'a.txt', content: Buffer.from('hello'), caption: 'look' });
  const [update] = (await poll()) as unknown as { message: { document: { file_id: string }; caption: string } }[];
  const { result } = await call('getFile', { file_id: update?.message.document.file_id });
  const { file_path: path } = result as { file_path: string };
  const download = (token: string) => fetch(`${telegram.url}/file/bot${token}/${path}`);
  expect(await (await download(telegram.credentials.bot_token ?? '')).text()).toBe('hello');
  expect((await download('1:x')).status).toBe(401);
  expect(await call('getFile', { file_id: 'nope' })).toMatchObject({ error_code: 400 });
});

test('an upgraded group names its new id', async () => {
  await telegram.say({ chat: 'g', kind: 'group', text: 'hi' });
  const { from, to } = telegram.migrate('g');
  const refused = await call('sendMessage', { chat_id: from, text: 'x' });
  expect(refused).toMatchObject({ error_code: 400, parameters: { migrate_to_chat_id: Number(to) } });
  expect(await call('sendMessage', { chat_id: to, text: 'x' })).toMatchObject({ ok: true });
});

test('commands by language', async () => {
  const commands = [{ command: 'help', description: '帮助' }];
  expect(await call('setMyCommands', { commands, language_code: 'zh' })).toMatchObject({ ok: true });
  expect((await call('getMyCommands', { language_code: 'zh' })).result).toEqual(commands);
  expect((await call('getMyCommands')).result).toEqual([]);
  expect(await call('setMyCommands', { commands: [{ command: 'Bad!', description: 'x' }] })).toMatchObject({
    ok: false,
  });
});
