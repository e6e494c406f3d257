import type { ReplyTarget } from '@parley/core/adapter';
import { toParleyError } from '@parley/core/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChats } from './chats.ts';
import { type Client, createClient } from './client.ts';
import { formatReply } from './format.ts';
import { createSender } from './send.ts';
import {
  type Answer,
  type BotApi,
  channelAt,
  cut,
  ok,
  refuse,
  silence,
  startBotApi,
  status,
  TOKEN,
} from './testing/bot-api.ts';
import { createTyping } from './typing.ts';

const GROUP: ReplyTarget = { chat: { id: '-100200', kind: 'group' }, messageId: '41', senderId: '7' };
const DIRECT: ReplyTarget = { chat: { id: '7', kind: 'direct' }, messageId: '41', senderId: '7' };
const TOPIC: ReplyTarget = { ...GROUP, thread: '77' };
const PART = formatReply('**secret answer**')[0] ?? { payload: {}, plain: '' };
const OPTIONS = { idempotencyKey: 'turn-1' };
const SENT = ok({ message_id: 42, date: 1, chat: { id: -100200, type: 'supergroup' } });

let api: BotApi;
let client: Client;
beforeEach(async () => {
  api = await startBotApi();
  client = createClient(channelAt(api.url));
});
afterEach(async () => {
  await client.close();
  await api.close();
});

/** The error of one send that Telegram answers like that. */
async function failure(...answers: Answer[]) {
  api.on('sendMessage', ...answers);
  const thrown = await createSender(client, createChats())
    .postMessage(GROUP, PART, OPTIONS)
    .catch((error: unknown) => error);
  const error = toParleyError(thrown);
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(TOKEN);
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('secret answer');
  expect(error.cause).toBeUndefined();
  return error;
}

describe('postMessage', () => {
  it('quotes the question in a group', async () => {
    api.on('sendMessage', SENT);
    const receipt = await createSender(client, createChats()).postMessage(GROUP, PART, OPTIONS);
    expect(receipt).toEqual({ messageId: '42', refs: ['42'] });
    expect(api.sent('sendMessage')).toEqual([
      {
        chat_id: -100200,
        text: '<b>secret answer</b>',
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        reply_parameters: { message_id: 41, allow_sending_without_reply: true },
      },
    ]);
  });

  it('does not quote in a private chat', async () => {
    api.on('sendMessage', SENT);
    await createSender(client, createChats()).postMessage(DIRECT, PART, OPTIONS);
    expect(api.sent('sendMessage')[0]).not.toHaveProperty('reply_parameters');
  });

  it('stays in the topic', async () => {
    api.on('sendMessage', SENT);
    await createSender(client, createChats()).postMessage(TOPIC, PART, OPTIONS);
    expect(api.sent('sendMessage')[0]).toMatchObject({ message_thread_id: 77 });
  });

  it('sends plain text where the markup is refused', async () => {
    api.on('sendMessage', refuse(400, "Bad Request: can't parse entities: Unsupported start tag"), SENT);
    expect(await createSender(client, createChats()).postMessage(GROUP, PART, OPTIONS)).toMatchObject({
      messageId: '42',
    });
    expect(api.sent('sendMessage')[1]).toMatchObject({ text: PART.plain });
    expect(api.sent('sendMessage')[1]).not.toHaveProperty('parse_mode');
  });

  it('follows a group that became a supergroup, and remembers it', async () => {
    const gone = refuse(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -555 });
    api.on('sendMessage', gone, SENT);
    const sender = createSender(client, createChats());
    await sender.postMessage(GROUP, PART, OPTIONS);
    await sender.postMessage(GROUP, PART, OPTIONS);
    expect(api.sent('sendMessage').map((body) => body.chat_id)).toEqual([-100200, -555, -555]);
  });

  it('does not follow a group in circles', async () => {
    const gone = refuse(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -555 });
    expect(await failure(gone)).toMatchObject({ code: 'platform_rejected' });
    expect(api.calls).toHaveLength(2);
  });

  it('says how long to wait when it was too fast', async () => {
    const error = await failure(refuse(429, 'Too Many Requests: retry after 7', { retry_after: 7 }));
    expect(error).toMatchObject({ code: 'platform_rate_limited', retryAfterMs: 7000, outcomeUnknown: false });
  });

  it.each([
    ['a revoked token', refuse(401, 'Unauthorized'), 'platform_unauthorized'],
    ['an unknown token', refuse(404, 'Not Found'), 'platform_unauthorized'],
    ['a block by the user', refuse(403, 'Forbidden: bot was blocked by the user'), 'platform_rejected'],
    ['a kick', refuse(403, 'Forbidden: bot was kicked from the group chat'), 'platform_rejected'],
    ['a missing chat', refuse(400, 'Bad Request: chat not found'), 'platform_rejected'],
    ['a broken server', refuse(500, 'Internal Server Error'), 'platform_unavailable'],
    ['a proxy', status(502, '<html>Bad Gateway</html>'), 'platform_unavailable'],
  ])('names %s', async (_name, answer, code) => {
    expect(await failure(answer)).toMatchObject({ code, outcomeUnknown: false });
  });

  it.each([
    ['a cut socket', cut],
    ['an answer that is no JSON', status(200, '<html>hello</html>')],
    ['a gateway that gave up waiting', status(504, 'Gateway Timeout')],
  ])('does not know the outcome after %s', async (_name, answer) => {
    expect(await failure(answer)).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });
    expect(api.calls).toHaveLength(1);
  });

  it('does not know the outcome after a timeout', async () => {
    api.on('sendMessage', silence);
    await expect(client.call('sendMessage', { chat_id: 1, text: 'x' }, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'platform_unavailable',
      outcomeUnknown: true,
    });
  });

  it('does not know the outcome when it is aborted under way, but does when it was never sent', async () => {
    const abort = new AbortController();
    api.on('sendMessage', () => abort.abort());
    const sender = createSender(client, createChats());
    const options = { ...OPTIONS, signal: abort.signal };
    await expect(sender.postMessage(GROUP, PART, options)).rejects.toMatchObject({ outcomeUnknown: true });
    await expect(sender.postMessage(GROUP, PART, options)).rejects.toMatchObject({ outcomeUnknown: false });
    expect(api.calls).toHaveLength(1);
  });

  it('knows that nothing was sent where nobody listens', async () => {
    await api.close();
    await expect(createSender(client, createChats()).postMessage(GROUP, PART, OPTIONS)).rejects.toMatchObject({
      code: 'platform_unavailable',
      outcomeUnknown: false,
    });
    api = await startBotApi();
  });

  it('keeps what Telegram quotes out of the error', async () => {
    const error = await failure(refuse(400, `Bad Request: wrong thing "secret answer" at ${TOKEN}`));
    expect(error.message).toBe('sendMessage: 400 Bad Request: wrong thing "…" at [token]');
  });

  it('reaches an API that stands under a path', async () => {
    api.on(`bot${TOKEN}`, SENT);
    const under = createClient(channelAt(`${api.url}/telegram`));
    await under.call('sendMessage', { chat_id: 1, text: 'x' });
    await under.close();
    expect(api.calls).toHaveLength(1);
  });
});

describe('editMessage', () => {
  const edit = () =>
    createSender(client, createChats()).editMessage(GROUP, { messageId: '42', refs: ['42'] }, PART, OPTIONS);

  it('replaces the text', async () => {
    api.on('editMessageText', SENT);
    await edit();
    expect(api.sent('editMessageText')).toEqual([
      expect.objectContaining({ chat_id: -100200, message_id: 42, text: '<b>secret answer</b>', parse_mode: 'HTML' }),
    ]);
  });

  it('takes "not modified" as success', async () => {
    api.on('editMessageText', refuse(400, 'Bad Request: message is not modified: specified new message content …'));
    await edit();
    expect(api.calls).toHaveLength(1);
  });

  it('edits plain where the markup is refused', async () => {
    api.on('editMessageText', refuse(400, "Bad Request: can't parse entities"), SENT);
    await edit();
    expect(api.sent('editMessageText')[1]).toMatchObject({ text: PART.plain });
  });

  it('rejects when the message is gone', async () => {
    api.on('editMessageText', refuse(400, 'Bad Request: message to edit not found'));
    await expect(edit()).rejects.toMatchObject({ code: 'platform_rejected' });
  });
});

describe('startTyping', () => {
  it('shows the action where the answer will stand', async () => {
    api.on('sendChatAction', ok(true));
    const typing = createTyping(client);
    expect(typing.typingIntervalMs).toBe(4000);
    await typing.startTyping(TOPIC);
    await typing.startTyping(DIRECT);
    expect(api.sent('sendChatAction')).toEqual([
      { chat_id: -100200, action: 'typing', message_thread_id: 77 },
      { chat_id: 7, action: 'typing' },
    ]);
  });
});
