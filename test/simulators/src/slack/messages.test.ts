import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type SlackSimulator, startSlackSimulator } from './index.ts';
import { renderMarkdown, renderMrkdwn } from './text.ts';

let slack: SlackSimulator;
let channel: string;
let question: string;

beforeEach(async () => {
  slack = await startSlackSimulator();
  ({ chat: channel, id: question } = await slack.say({ chat: 'general', kind: 'group', text: 'question' }));
});
afterEach(() => slack.close());

async function call(method: string, args: Record<string, unknown>) {
  const response = await fetch(`${slack.url}/api/${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      authorization: `Bearer ${slack.credentials.bot_token}`,
    },
    body: JSON.stringify(args),
  });
  return (await response.json()) as Record<string, unknown> & { ts: string; messages: Record<string, unknown>[] };
}
const post = (args: Record<string, unknown>) => call('chat.postMessage', { channel, ...args });
const last = () => slack.transcript('general').at(-1);

test('posts text, blocks and Markdown as people read them', async () => {
  await post({ text: 'Hi <@U0ALICE>, *bold* `a*b*` &amp; <https://x.test|this>' });
  expect(last()?.text).toBe('Hi @alice, bold a*b* & this');
  await post({ markdown_text: '# Title\n- **one**\n- [two](https://x.test)' });
  expect(last()?.text).toBe('Title\n• one\n• two');
  await post({
    text: 'fallback',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*s*' } }, { type: 'divider' }],
  });
  expect(last()?.text).toBe('s\n———');
  const { ok, ts } = await post({ text: 'in a thread', thread_ts: question });
  expect(ok).toBe(true);
  expect(last()).toMatchObject({ id: ts, thread: question, author: 'bot' });
});

test.each([
  [{ channel: 'C0NOSUCH', text: 'x' }, 'channel_not_found'],
  [{}, 'no_text'],
  [{ text: 'x', markdown_text: 'y' }, 'markdown_text_conflict'],
  [{ markdown_text: 'x'.repeat(12_001) }, 'msg_too_long'],
  [{ blocks: [7000, 5001].map((n) => ({ type: 'markdown', text: 'x'.repeat(n) })) }, 'msg_blocks_too_long'],
  [{ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }] }, 'invalid_blocks'],
  [{ blocks: [{ type: 'nonsense' }] }, 'invalid_blocks'],
  [{ blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }, 'invalid_blocks'],
  [{ blocks: 'not json' }, 'invalid_blocks_format'],
  [{ text: 'x', metadata: { event_type: 'turn' } }, 'invalid_metadata_schema'],
])('refuses %o as %s', async (args, error) => {
  expect(await post(args)).toMatchObject({ ok: false, error });
  expect(slack.transcript('general')).toHaveLength(1);
});

test('a direct message that nobody opened is there only where strangers are let in', async () => {
  const unknown = { channel: 'D0NOBODY', text: 'hello stranger', thread_ts: '1.000001' };
  expect(await post(unknown)).toMatchObject({ ok: false, error: 'channel_not_found' });
  await slack.close();
  slack = await startSlackSimulator({ strangers: true });
  expect(await post(unknown)).toMatchObject({ ok: true, channel: 'D0NOBODY' });
  expect(await post({ ...unknown, channel: 'C0NOSUCH' })).toMatchObject({ error: 'channel_not_found' });
});

test('cuts text at 40,000 characters when posting, refuses over 4,000 when updating', async () => {
  const { ts } = await post({ text: 'x'.repeat(40_001) });
  expect(last()?.text).toHaveLength(40_000);
  expect(await call('chat.update', { channel, ts, text: 'x'.repeat(4001) })).toMatchObject({ error: 'msg_too_long' });
});

test('updates and deletes its own messages only', async () => {
  const { ts } = await post({ text: 'one' });
  expect(await call('chat.update', { channel, ts, text: 'two' })).toMatchObject({ ok: true, ts, text: 'two' });
  expect(last()).toMatchObject({ text: 'two', edits: 1, versions: ['one', 'two'] });
  expect(await call('chat.update', { channel, ts: '1.000001', text: 'x' })).toMatchObject({
    error: 'message_not_found',
  });
  expect(await call('chat.update', { channel, ts: question, text: 'x' })).toMatchObject({
    error: 'cant_update_message',
  });
  expect(await call('chat.delete', { channel, ts: question })).toMatchObject({ error: 'cant_delete_message' });
  expect(await call('chat.delete', { channel, ts })).toMatchObject({ ok: true });
  expect(slack.transcript('general')).toHaveLength(1);
});

test('finds a post again by its metadata, in threads and in history', async () => {
  const metadata = { event_type: 'parley_turn', event_payload: { id: 'turn-1' } };
  const { ts } = await post({ text: 'answer', thread_ts: question, metadata });
  const read = { channel, ts: question, include_all_metadata: true };
  const { messages } = await call('conversations.replies', read);
  expect(messages.map((message) => message.ts)).toEqual([question, ts]);
  expect(messages[0]).toMatchObject({ reply_count: 1, latest_reply: ts });
  expect(messages[1]).toMatchObject({ metadata, parent_user_id: slack.userId('alice') });
  const without = await call('conversations.replies', { channel, ts: question });
  expect(without.messages[1]).not.toHaveProperty('metadata');
  expect(await call('conversations.replies', { channel, ts: '1.2' })).toMatchObject({ error: 'thread_not_found' });

  await post({ text: 'top' });
  const first = await call('conversations.history', { channel, limit: 1 });
  expect(first).toMatchObject({ messages: [{ text: 'top' }], has_more: true });
  const { next_cursor: cursor } = first.response_metadata as { next_cursor: string };
  expect(await call('conversations.history', { channel, limit: 1, cursor })).toMatchObject({
    messages: [{ ts: question }],
    has_more: false,
  });
});

test('a stream starts in a thread, grows, and ends once', async () => {
  const to = { recipient_team_id: slack.teamId, recipient_user_id: slack.userId('alice') };
  const start = (args: object) => call('chat.startStream', { channel, ...args });
  expect(await start(to)).toMatchObject({ error: 'invalid_arguments' });
  expect(await start({ thread_ts: question })).toMatchObject({ error: 'missing_recipient_team_id' });
  const { ts } = await start({ thread_ts: question, ...to });
  await call('chat.appendStream', { channel, ts, markdown_text: '**Hel' });
  expect(await call('chat.update', { channel, ts, text: 'x' })).toMatchObject({ error: 'streaming_state_conflict' });
  await call('chat.appendStream', { channel, ts, chunks: [{ type: 'markdown_text', text: 'lo**' }] });
  await call('chat.stopStream', { channel, ts, markdown_text: ' you' });
  expect(last()).toMatchObject({ id: ts, text: 'Hello you', thread: question });
  for (const method of ['chat.appendStream', 'chat.stopStream']) {
    const late = await call(method, { channel, ts, markdown_text: '!' });
    expect(late).toMatchObject({ error: 'message_not_in_streaming_state' });
  }

  const { ts: old } = await start({ thread_ts: question, ...to });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 });
  const expired = await call('chat.appendStream', { channel, ts: old, markdown_text: 'x' });
  vi.useRealTimers();
  expect(expired).toMatchObject({ error: 'message_not_in_streaming_state' });
});

test('reactions, status lines, people and direct messages', async () => {
  const reaction = { channel, timestamp: question, name: 'eyes' };
  expect(await call('reactions.add', reaction)).toEqual({ ok: true });
  expect(await call('reactions.add', reaction)).toMatchObject({ error: 'already_reacted' });
  expect(await call('reactions.remove', reaction)).toEqual({ ok: true });
  expect(await call('reactions.remove', reaction)).toMatchObject({ error: 'no_reaction' });

  await call('assistant.threads.setStatus', { channel_id: channel, thread_ts: question, status: 'is thinking…' });
  expect(slack.threadStatus('general', question)).toBe('is thinking…');
  await post({ text: 'done', thread_ts: question });
  expect(slack.threadStatus('general', question)).toBeUndefined();

  await slack.say({ chat: 'dm', text: '你好', from: 'bo', locale: 'zh' });
  const user = slack.userId('bo');
  expect(await call('users.info', { user, include_locale: true })).toMatchObject({ user: { locale: 'zh-CN' } });
  const opened = await call('conversations.open', { users: user });
  expect(opened.channel).toEqual({ id: slack.chatId('dm') });
  expect(await call('conversations.open', { users: 'U0NOBODY' })).toMatchObject({ error: 'user_not_found' });
});

test('renders markup away without touching code', () => {
  const names = { person: (id: string) => (id === 'U1' ? 'ann' : undefined), conversation: () => undefined };
  expect(renderMrkdwn('<@U1> <@U2> <!here> _i_ ~s~ a_b_c 2 * 3 * 4', names)).toBe('@ann @U2 @here i s a_b_c 2 * 3 * 4');
  expect(renderMrkdwn('```x = *p &lt; q*```', names)).toBe('x = *p < q*');
  expect(renderMarkdown('**b** *i* ~~s~~ `**c**` snake_case_name\n```js\nlet a = **1**;\n```', names)).toBe(
    'b i s **c** snake_case_name\nlet a = **1**;',
  );
});
