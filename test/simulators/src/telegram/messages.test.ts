import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTelegramSimulator, type TelegramSimulator } from './index.ts';

let telegram: TelegramSimulator;
let chat_id: number;

beforeEach(async () => {
  telegram = await startTelegramSimulator();
  chat_id = Number((await telegram.say({ chat: 'lobby', text: 'question' })).chat);
});
afterEach(() => telegram.close());

async function call(method: string, args: Record<string, unknown>) {
  const response = await fetch(`${telegram.url}/bot${telegram.credentials.bot_token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id, ...args }),
  });
  return (await response.json()) as { ok: boolean; description?: string; result: { message_id: number; text: string } };
}
const send = (args: Record<string, unknown>) => call('sendMessage', args);
const html = (text: string) => send({ text, parse_mode: 'HTML' });

test('parses HTML: text without markup, entities in UTF-16', async () => {
  const { result } = await html(
    '😀 <b>bold <i>both</i></b> &lt;a&gt; <a href="https://x.test">link</a>\n<pre><code class="language-js">1 &amp; 2</code></pre> ',
  );
  expect(result).toMatchObject({
    text: '😀 bold both <a> link\n1 & 2',
    entities: [
      { type: 'bold', offset: 3, length: 9 },
      { type: 'italic', offset: 8, length: 4 },
      { type: 'text_link', offset: 17, length: 4, url: 'https://x.test' },
      { type: 'pre', offset: 22, length: 5, language: 'js' },
    ],
  });
  expect(telegram.transcript('lobby').at(-1)).toMatchObject({ text: result.text, author: 'bot' });
});

test.each([
  ['<h1>x</h1>', 'Unsupported start tag "h1" at byte offset 0'],
  ['é<b>x', 'Can\'t find end tag corresponding to start tag "b"'],
  ['é<b>x</i>', 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'],
  ['x</b>', 'Unexpected end tag at byte offset 1'],
  ['a <b', 'Unclosed start tag at byte offset 2'],
  ['<span>x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
  ['1 < 2 > 0', 'Unsupported start tag "" at byte offset 2'],
])('refuses the HTML %s', async (text, reason) => {
  expect((await html(text)).description).toBe(`Bad Request: can't parse entities: ${reason}`);
});

test.each([
  [{ text: '  ' }, 'message text is empty'],
  [{ text: '<b></b>', parse_mode: 'HTML' }, 'message text is empty'],
  [{ text: 'x'.repeat(4097) }, 'message is too long'],
  [{ text: 'x', chat_id: 42 }, 'chat not found'],
  [{ text: 'x', chat_id: '' }, 'chat_id is empty'],
  [{ text: 'x', reply_parameters: { message_id: 999 } }, 'message to be replied not found'],
  [{ text: 'x', message_thread_id: 999 }, 'message thread not found'],
])('refuses %o: %s', async (args, reason) => {
  expect((await send(args)).description).toBe(`Bad Request: ${reason}`);
});

test('the limit counts after parsing, and a missing reply may be allowed', async () => {
  expect((await html(`<b>${'x'.repeat(4096)}</b>`)).ok).toBe(true);
  const reply_parameters = { message_id: 999, allow_sending_without_reply: true };
  expect((await send({ text: 'x', reply_parameters })).result).not.toHaveProperty('reply_to_message');
  expect((await send({ text: 'y', reply_parameters: { message_id: 1 } })).ok).toBe(true);
  expect(telegram.transcript('lobby').at(-1)).toMatchObject({ text: 'y', replyTo: '1' });
});

test('edits and deletes', async () => {
  const { message_id } = (await send({ text: 'one' })).result;
  const edit = (args: object) => call('editMessageText', { message_id, ...args });
  expect((await edit({ text: 'one' })).description).toMatch(/^Bad Request: message is not modified/);
  expect((await edit({ text: 'two' })).result).toMatchObject({ text: 'two', edit_date: expect.any(Number) });
  expect((await edit({ text: 'x', message_id: 999 })).description).toBe('Bad Request: message to edit not found');
  expect((await edit({ text: 'x', message_id: 1 })).description).toBe("Bad Request: message can't be edited");
  expect(telegram.transcript('lobby').at(-1)?.versions).toEqual(['one', 'two']);
  expect((await call('deleteMessage', { message_id })).ok).toBe(true);
  expect((await call('deleteMessage', { message_id })).description).toBe('Bad Request: message to delete not found');
});

test('a draft shows in private chats until the message comes', async () => {
  for (const text of ['', 'Hel', '<b>Hello</b>']) {
    expect((await call('sendMessageDraft', { draft_id: 1, text, parse_mode: 'HTML' })).ok).toBe(true);
  }
  expect(telegram.draft('lobby')).toBe('Hello');
  await call('sendChatAction', { action: 'typing' });
  expect(telegram.isTyping('lobby')).toBe(true);
  await send({ text: 'Hello!' });
  expect([telegram.draft('lobby'), telegram.isTyping('lobby')]).toEqual([undefined, false]);
  expect(telegram.draftVersions('lobby')).toEqual(['Thinking…', 'Hel', 'Hello']);
  expect((await call('sendMessageDraft', { draft_id: 0, text: 'x' })).ok).toBe(false);
  const group = (await telegram.say({ chat: 'g', kind: 'group', text: 'x' })).chat;
  const refused = await call('sendMessageDraft', { chat_id: group, draft_id: 1, text: 'x' });
  expect(refused.description).toBe('Bad Request: TEXTDRAFT_PEER_INVALID');
});

test('answers in the topic of the question', async () => {
  await telegram.say({ chat: 'g', kind: 'group', text: 'x', thread: 'News' });
  const thread = telegram.transcript('g')[0]?.thread;
  const { result } = await send({ chat_id: telegram.chatId('g'), text: 'y', message_thread_id: thread });
  expect(result).toMatchObject({ is_topic_message: true, message_thread_id: Number(thread) });
  expect(telegram.transcript('g').at(-1)).toMatchObject({ thread, replyTo: undefined });
});

test('throttles with retry_after, by fault and by enforced limits', async () => {
  telegram.misbehave({ method: 'sendMessage', times: 1, action: { kind: 'rate_limit', retryAfterSeconds: 5 } });
  expect(await send({ text: 'x' })).toMatchObject({ error_code: 429, parameters: { retry_after: 5 } });
  telegram.misbehave({ times: 1, action: { kind: 'error', error: 'Forbidden: bot was blocked by the user' } });
  expect(await send({ text: 'x' })).toMatchObject({ error_code: 403 });

  await telegram.close();
  telegram = await startTelegramSimulator({ rateLimits: true });
  await telegram.say({ chat: 'lobby', text: 'hi' });
  const answers = [];
  for (const text of ['1', '2', '3', '4']) answers.push((await send({ text, chat_id: telegram.chatId('lobby') })).ok);
  expect(answers).toEqual([true, true, true, false]);
});
