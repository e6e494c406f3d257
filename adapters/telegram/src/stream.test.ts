import type { AnswerStream, ReplyTarget, StreamState } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChats } from './chats.ts';
import { type Client, createClient } from './client.ts';
import { formatReply } from './format.ts';
import { createStartStream, type StreamTimes } from './stream.ts';
import { type BotApi, channelAt, cut, ok, refuse, silence, startBotApi } from './testing/bot-api.ts';

const GROUP: ReplyTarget = { chat: { id: '-100200', kind: 'group' }, messageId: '41', senderId: '7' };
const DIRECT: ReplyTarget = { chat: { id: '7', kind: 'direct' }, messageId: '41', senderId: '7' };
const TOPIC: ReplyTarget = { ...GROUP, thread: '77' };
const PART = formatReply('the **whole** answer')[0] ?? { payload: {}, plain: '' };
const SENT = ok({ message_id: 42, date: 1, chat: { id: -100200, type: 'supergroup' } });
const TOO_FAST = refuse(429, 'Too Many Requests: retry after 7', { retry_after: 7 });
const UNPARSED = refuse(400, "Bad Request: can't parse entities: Unsupported start tag");
const PLACED = { messageId: 42, chatId: -100200 };

let api: BotApi;
let client: Client;
let clock: number;
/** What was saved and called, in order. */
let steps: string[];
let saved: StreamState | undefined;
beforeEach(async () => {
  api = await startBotApi();
  client = createClient(channelAt(api.url));
  clock = 1_795_134_000_000;
  steps = [];
  saved = undefined;
  api.on('sendMessage', SENT);
  api.on('editMessageText', SENT);
  api.on('sendMessageDraft', ok(true));
  api.on('deleteMessage', ok(true));
});
afterEach(async () => {
  await client.close();
  await api.close();
});

const save = async (state: StreamState) => {
  saved = JSON.parse(JSON.stringify(state));
  steps.push(JSON.stringify({ saved: state, calls: api.calls.map(({ method }) => method) }));
};

/** One adapter's streams; a new one knows nothing of what another has learnt. */
function streams(times?: StreamTimes) {
  const start = createStartStream(client, createChats(), { now: () => clock }, times);
  return (target: ReplyTarget, earlier?: StreamState, options = {}): Promise<AnswerStream> =>
    start(target, { idempotencyKey: 'turn-1-0', save, ...options }, earlier);
}

const methods = () => api.calls.map(({ method }) => method);
const shown = (method: string) => api.sent(method).map(({ text }) => text);
const unknown = { code: 'platform_unavailable', outcomeUnknown: true };

describe('previews in a private chat', () => {
  it('are drafts of one id, which leave nothing behind', async () => {
    for (const stream of [await streams()(DIRECT), await streams()(DIRECT)]) {
      await stream.update('the **who**');
      await stream.update('the **whole**');
      expect(stream.intervalMs).toBe(1000);
    }
    expect(methods()).toEqual(Array(4).fill('sendMessageDraft'));
    expect(api.sent('sendMessageDraft')[0]).toEqual({
      chat_id: 7,
      draft_id: expect.any(Number),
      text: 'the <b>who</b>',
      parse_mode: 'HTML',
    });
    const [id, ...others] = new Set(api.sent('sendMessageDraft').map((body) => body.draft_id));
    expect(others).toEqual([]);
    expect(id).toBeGreaterThan(0);
    expect(id).toBeLessThan(2 ** 31);
    expect(saved).toBeUndefined();
  });

  it('stay in their topic, and are plain where the markup is refused', async () => {
    api.on('sendMessageDraft', UNPARSED, ok(true));
    const stream = await streams()({ ...DIRECT, thread: '9' });
    await stream.update('**x**');
    expect(api.sent('sendMessageDraft')[1]).toEqual({
      chat_id: 7,
      message_thread_id: 9,
      draft_id: expect.any(Number),
      text: 'x',
    });
  });

  it.each([
    ['does not know drafts', refuse(404, 'Not Found: method not found')],
    ['refuses them', refuse(400, 'Bad Request: TEXTDRAFT_PEER_INVALID')],
  ])('are edits where Telegram %s, for some minutes without asking', async (_name, answer) => {
    api.on('sendMessageDraft', answer, ok(true));
    const start = streams();
    const first = await start(DIRECT);
    for (const text of ['one', 'one two']) await first.update(text);
    expect(methods()).toEqual(['sendMessageDraft', 'sendMessage', 'editMessageText']);
    await (await start(DIRECT)).update('another answer');
    expect(methods().slice(3)).toEqual(['sendMessage']);
    clock += 11 * 60_000;
    await (await start(DIRECT)).update('much later');
    expect(methods().slice(4)).toEqual(['sendMessageDraft']);
  });

  it.each([
    ['too fast', TOO_FAST, { code: 'platform_rate_limited', retryAfterMs: 7000 }],
    ['no such chat', refuse(400, 'Bad Request: chat not found'), { code: 'platform_rejected' }],
    ['blocked', refuse(403, 'Forbidden: bot was blocked by the user'), { code: 'platform_rejected' }],
    ['a cut', cut, unknown],
  ])('fail without a placeholder: %s', async (_name, answer, error) => {
    api.on('sendMessageDraft', answer);
    await expect((await streams()(DIRECT)).update('text')).rejects.toMatchObject(error);
    expect(methods()).toEqual(['sendMessageDraft']);
  });

  it('are no drafts once there is a message', async () => {
    await (await streams()(DIRECT, { messageId: 42, chatId: 7 })).update('text');
    expect(methods()).toEqual(['editMessageText']);
  });
});

describe('previews in a group', () => {
  it('are edits of a placeholder that quotes the question and stays in the topic', async () => {
    const stream = await streams()(TOPIC);
    expect(methods()).toEqual([]);
    await stream.update('the');
    expect(stream.intervalMs).toBe(3000);
    await stream.update('the **whole**');
    expect(api.sent('sendMessage')).toEqual([
      {
        chat_id: -100200,
        text: '…',
        message_thread_id: 77,
        reply_parameters: { message_id: 41, allow_sending_without_reply: true },
      },
    ]);
    expect(shown('editMessageText')).toEqual(['the <b>whole</b>']);
    expect(saved).toEqual(PLACED);
  });

  it('show nothing for nothing', async () => {
    await (await streams()(GROUP)).update('  \n');
    expect(methods()).toEqual([]);
  });

  it('show the head of what is too long', async () => {
    await (await streams()(GROUP, PLACED)).update('字'.repeat(5000));
    expect(shown('editMessageText')).toEqual([`${'字'.repeat(4095)}…`]);
  });

  it('that may still be on their way are waited for before the answer', async () => {
    let wasLate = false;
    const late = (response: Parameters<typeof SENT>[0]) => {
      // The preview has timed out for us and takes its effect only now.
      setTimeout(() => {
        wasLate = shown('editMessageText').length === 1;
        SENT(response);
      }, 150);
    };
    api.on('editMessageText', late, SENT);
    const stream = await streams({ previewTimeoutMs: 50, settleMs: 500 })(GROUP, PLACED);
    await expect(stream.update('half')).rejects.toMatchObject(unknown);
    await stream.finish(PART);
    expect(wasLate).toBe(true);
  });
});

describe('finish', () => {
  it('records each step before the next can be seen', async () => {
    expect(await (await streams()(GROUP)).finish(PART)).toEqual({ messageId: '42', refs: ['42'] });
    expect(steps.map((step) => JSON.parse(step))).toEqual([
      { saved: { stage: 'placing', placeholders: 1 }, calls: [] },
      { saved: PLACED, calls: ['sendMessage'] },
    ]);
    expect(methods()).toEqual(['sendMessage', 'editMessageText']);
    expect(api.sent('editMessageText')).toEqual([{ chat_id: -100200, message_id: 42, ...PART.payload }]);
  });

  it('rings and does not quote in a private chat', async () => {
    await (await streams()(DIRECT)).finish(PART);
    expect(api.sent('sendMessage')).toEqual([{ chat_id: 7, text: '…' }]);
  });

  it('costs two operations in a group, or one where the placeholder stands', async () => {
    const stream = await streams()(GROUP);
    expect(stream.cost).toEqual({ update: 1, finish: 2 });
    await stream.finish(PART);
    expect(stream.cost).toEqual({ update: 1, finish: 1 });
    expect((await streams()(GROUP, PLACED)).cost).toEqual({ update: 1, finish: 1 });
    expect((await streams()(DIRECT)).cost).toEqual({ update: 1, finish: 1 });
  });

  it('goes on with the message an earlier attempt recorded', async () => {
    api.on('editMessageText', refuse(400, 'Bad Request: message is not modified'));
    for (let times = 0; times < 2; times++) {
      const stream = await streams()(GROUP, PLACED);
      for (let again = 0; again < 2; again++) expect(await stream.finish(PART)).toMatchObject({ messageId: '42' });
    }
    expect(methods()).toEqual(Array(4).fill('editMessageText'));
    expect(saved).toBeUndefined();
  });

  it('sends another placeholder where an earlier attempt did not learn the id of its own', async () => {
    await (await streams()(GROUP, { stage: 'placing', placeholders: 1 })).finish(PART);
    expect(JSON.parse(steps[0] ?? '')).toMatchObject({ saved: { stage: 'placing', placeholders: 2 } });
    expect(methods()).toEqual(['sendMessage', 'editMessageText']);
  });

  it('takes a state it does not understand for none', async () => {
    await (await streams()(GROUP, { messageId: 'of another version' })).finish(PART);
    expect(methods()).toEqual(['sendMessage', 'editMessageText']);
  });

  it('is over at once when the turn is no longer ours', async () => {
    const lost = new ParleyError('internal', 'lost');
    for (const lostAt of [1, 2]) {
      let saves = 0;
      const stream = await streams()(GROUP, undefined, {
        save: async () => {
          if (++saves === lostAt) throw lost;
        },
      });
      await expect(stream.finish(PART)).rejects.toBe(lost);
      expect(methods()).toEqual(lostAt === 1 ? [] : ['sendMessage']);
    }
  });

  it('records a known placeholder again rather than sending another', async () => {
    let saves = 0;
    const stream = await streams()(GROUP, undefined, {
      save: async () => {
        if (++saves === 2) throw new ParleyError('unavailable', 'Redis is away');
      },
    });
    await expect(stream.finish(PART)).rejects.toMatchObject({ code: 'unavailable' });
    expect(stream.cost?.finish).toBe(2);
    await stream.finish(PART);
    expect(saves).toBe(3);
    expect(methods()).toEqual(['sendMessage', 'editMessageText']);
  });

  it('does not send placeholders without end', async () => {
    api.on('sendMessage', cut);
    const stream = await streams()(GROUP);
    for (let times = 0; times < 8; times++) await expect(stream.finish(PART)).rejects.toMatchObject(unknown);
    await expect((await streams()(GROUP, saved)).finish(PART)).rejects.toMatchObject(unknown);
    expect(methods()).toEqual(Array(6).fill('sendMessage'));
  });

  it('counts only placeholders that may have arrived', async () => {
    api.on('sendMessage', ...Array(9).fill(TOO_FAST), SENT);
    const stream = await streams()(GROUP);
    const error = { code: 'platform_rate_limited', retryAfterMs: 7000 };
    for (let times = 0; times < 9; times++) await expect(stream.finish(PART)).rejects.toMatchObject(error);
    await stream.finish(PART);
    expect(steps.some((step) => step.includes('"placeholders":2'))).toBe(false);
  });

  it('takes away a message that will not show the answer', async () => {
    api.on('editMessageText', refuse(400, "Bad Request: message can't be edited"));
    api.on('deleteMessage', refuse(400, "Bad Request: message can't be deleted"));
    const stream = await streams()(GROUP, PLACED);
    await expect(stream.finish(PART)).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(api.sent('deleteMessage')).toEqual([{ chat_id: -100200, message_id: 42 }]);
  });

  it('never edits a message of the same number in the supergroup that the group became', async () => {
    const moved = refuse(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -555 });
    api.on('editMessageText', moved, SENT);
    api.on('sendMessage', moved, ok({ message_id: 3 }));
    const start = streams();
    await expect((await start(GROUP, PLACED)).finish(PART)).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(await (await start(GROUP)).finish(PART)).toMatchObject({ messageId: '3' });
    expect(saved).toEqual({ messageId: 3, chatId: -555 });
    expect(api.sent('editMessageText').map(({ chat_id, message_id }) => [chat_id, message_id])).toEqual([
      [-100200, 42],
      [-555, 3],
    ]);
  });
});

describe('abandon', () => {
  it('cuts what is under way, and nothing is called after it', async () => {
    const stream = await streams()(GROUP, PLACED);
    api.on('editMessageText', (response) => {
      silence(response);
      stream.abandon();
    });
    await expect(stream.finish(PART)).rejects.toMatchObject(unknown);
    await expect(stream.finish(PART)).rejects.toMatchObject({ code: 'platform_unavailable', outcomeUnknown: false });
    expect(methods()).toEqual(['editMessageText']);
  });
});
