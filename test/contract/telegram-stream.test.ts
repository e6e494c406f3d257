import { createAdapter } from '@parley/adapter-telegram';
import type { Adapter, AnswerStream, OutgoingPart, ReplyTarget, StreamState } from '@parley/core/adapter';
import { channelSchema } from '@parley/core/config';
import { toParleyError } from '@parley/core/errors';
import { createLogger } from '@parley/core/telemetry';
import type { ApiFault, SimMessage } from '@parley/simulators';
import { startTelegramSimulator, type TelegramSimulator } from '@parley/simulators/telegram';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let telegram: TelegramSimulator;
let adapters: Adapter[];
/** The turn's record, which outlives the workers. */
let record: StreamState | undefined;

beforeEach(async () => {
  telegram = await startTelegramSimulator();
  adapters = [];
  record = undefined;
});
afterEach(async () => {
  await Promise.all(adapters.map((adapter) => adapter.close()));
  await telegram.close();
});

/** An adapter of its own, as another worker has it. */
function newAdapter(): Adapter {
  const { url: api_base_url, credentials } = telegram;
  const channel = channelSchema.parse({ id: 'tg', tenant: 'acme', platform: 'telegram', credentials, api_base_url });
  const adapter = createAdapter(channel, {
    logger: createLogger('silent'),
    cache: { get: async () => undefined, set: async () => undefined },
    now: Date.now,
  });
  adapters.push(adapter);
  return adapter;
}

/** The stream of one turn in a worker of its own, which goes on where the one before it stopped. */
async function newStream(target: ReplyTarget, key = 'turn-0'): Promise<AnswerStream> {
  const save = async (state: StreamState) => {
    record = JSON.parse(JSON.stringify(state));
  };
  const stream = await newAdapter().startStream?.(target, { idempotencyKey: key, save }, record);
  return stream ?? expect.fail('no startStream');
}

async function ask(kind: 'direct' | 'group', thread?: string, name: string = kind): Promise<ReplyTarget> {
  const input = {
    chat: name,
    kind,
    from: name,
    text: 'a question',
    mentionBot: kind === 'group',
    ...(thread && { thread }),
  };
  const { id, chat } = await telegram.say(input);
  const topic = telegram.transcript(chat)[0]?.thread;
  return { chat: { id: chat, kind }, messageId: id, senderId: '1', ...(topic && { thread: topic }) };
}

const parts = (markdown: string): OutgoingPart[] => newAdapter().formatReply(markdown);
const onePart = (markdown: string): OutgoingPart => parts(markdown)[0] ?? expect.fail('no part');
const ANSWER = 'The **whole** answer.';
const READ = 'The whole answer.';
const byBot = ({ chat }: ReplyTarget): SimMessage[] =>
  telegram.transcript(chat.id).filter(({ author }) => author === 'bot');
const texts = (target: ReplyTarget) => byBot(target).map(({ text }) => text);
const lose = (method: string, when: 'before' | 'after', times = 1) =>
  telegram.misbehave({ method, times, action: { kind: 'cut', when } });

/** As delivery does: again and again until the platform has it, unless it refuses for good. */
async function finish(stream: AnswerStream, part: OutgoingPart) {
  for (;;) {
    try {
      return await stream.finish(part);
    } catch (thrown) {
      if (toParleyError(thrown).code !== 'platform_unavailable') throw thrown;
    }
  }
}

describe('an answer', () => {
  test('is a draft in a private chat until it is complete', async () => {
    const target = await ask('direct');
    const stream = await newStream(target);
    expect(telegram.calls).toEqual([]);
    for (const text of ['The', 'The **whole**']) await stream.update(text);
    expect(telegram.draftVersions('direct')).toEqual(['The', 'The whole']);
    expect(byBot(target)).toEqual([]);
    const { messageId } = await stream.finish(onePart(ANSWER));
    expect(byBot(target)).toMatchObject([{ id: messageId, text: READ, versions: ['…', READ], replyTo: undefined }]);
    expect(telegram.draft('direct')).toBeUndefined();
  });

  test.each([
    ['group', undefined],
    ['topic', 'Releases'],
  ])('is a message that grows in a %s', async (_name, topic) => {
    const target = await ask('group', topic);
    const stream = await newStream(target);
    expect(telegram.calls).toEqual([]);
    for (const text of ['The', 'The **whole**']) await stream.update(text);
    const receipt = await stream.finish(onePart(ANSWER));
    const [message, ...others] = byBot(target);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ id: receipt.messageId, versions: ['…', 'The whole', READ] });
    expect(message).toMatchObject({ replyTo: target.messageId, thread: target.thread });
    expect(receipt.refs).toEqual([receipt.messageId]);
  });

  test('grows in a private chat, too, where drafts are refused', async () => {
    telegram.misbehave({ method: 'sendMessageDraft', action: { kind: 'error', error: 'TEXTDRAFT_PEER_INVALID' } });
    const target = await ask('direct');
    const stream = await newStream(target);
    for (const text of ['The', 'The **whole**']) await stream.update(text);
    await stream.finish(onePart(ANSWER));
    expect(byBot(target)).toMatchObject([{ versions: ['…', 'The whole', READ] }]);
    expect(telegram.calls.filter(({ method }) => method === 'sendMessageDraft')).toHaveLength(1);
  });

  test('of several long parts is complete and in order', async () => {
    const target = await ask('direct');
    const source = Array.from({ length: 900 }, (_, index) => `第${index}条：报销须在季度结束后十五日内提交。`).join('');
    const all = parts(source);
    expect(all.length).toBeGreaterThan(3);
    for (const [index, part] of all.entries()) {
      record = undefined;
      await (await newStream(target, `turn-${index}`)).finish(part);
    }
    expect(texts(target).join('')).toBe(source);
  });

  test('that is longer than a message shows its head meanwhile', async () => {
    for (const kind of ['direct', 'group'] as const) {
      record = undefined;
      const stream = await newStream(await ask(kind));
      for (let times = 0; times < 2; times++)
        await stream.update(`# 标题\n\n${'**很长**的内容 & <more> '.repeat(400)}`);
    }
    const [preview] = byBot({ chat: { id: telegram.chatId('group'), kind: 'group' }, messageId: '', senderId: '' });
    for (const text of [preview?.text, telegram.draft('direct')]) {
      expect(text).toMatch(/^标题[\s\S]*…$/);
      expect(text?.length).toBeGreaterThan(3500);
    }
  });
});

describe.each(['direct', 'group'] as const)('whatever goes wrong in a %s chat, one answer stands there', (kind) => {
  test('the placeholder arrives and we do not hear of it: a stray, and one answer', async () => {
    const target = await ask(kind);
    lose('sendMessage', 'after');
    await finish(await newStream(target), onePart(ANSWER));
    expect(texts(target)).toEqual(['…', READ]);
  });

  test('the placeholder does not arrive', async () => {
    const target = await ask(kind);
    lose('sendMessage', 'before', 2);
    await finish(await newStream(target), onePart(ANSWER));
    expect(texts(target)).toEqual([READ]);
  });

  test.each(['before', 'after'] as const)('edits are cut %s they have their effect', async (when) => {
    const target = await ask(kind);
    lose('editMessageText', when, 3);
    await finish(await newStream(target), onePart(ANSWER));
    expect(texts(target)).toEqual([READ]);
  });

  test('a worker dies after each step, and the next one goes on from the record', async () => {
    const target = await ask(kind);
    // While the placeholder is sent …
    lose('sendMessage', 'after');
    await expect((await newStream(target)).finish(onePart(ANSWER))).rejects.toMatchObject({ outcomeUnknown: true });
    expect(record).toMatchObject({ stage: 'placing' });
    // … while it becomes the answer …
    lose('editMessageText', 'before');
    await expect((await newStream(target)).finish(onePart(ANSWER))).rejects.toMatchObject({ outcomeUnknown: true });
    expect(texts(target)).toEqual(['…', '…']);
    lose('editMessageText', 'after');
    await expect((await newStream(target)).finish(onePart(ANSWER))).rejects.toMatchObject({ outcomeUnknown: true });
    // … and after that.
    const receipts = [];
    for (let times = 0; times < 2; times++) {
      const stream = await newStream(target);
      receipts.push(await stream.finish(onePart(ANSWER)), await stream.finish(onePart(ANSWER)));
    }
    expect(texts(target)).toEqual(['…', READ]);
    expect(new Set(receipts.map(({ messageId }) => messageId))).toEqual(new Set([byBot(target)[1]?.id]));
  });

  test('the placeholder is deleted: it is refused, and a new stream answers', async () => {
    const target = await ask(kind);
    lose('editMessageText', 'before');
    const stream = await newStream(target);
    await expect(stream.finish(onePart(ANSWER))).rejects.toMatchObject({ outcomeUnknown: true });
    await takeAway(target);
    await expect(stream.finish(onePart(ANSWER))).rejects.toMatchObject({ code: 'platform_rejected' });
    record = undefined;
    await finish(await newStream(target, 'turn-0r'), onePart(ANSWER));
    expect(texts(target)).toEqual([READ]);
  });

  test('Telegram wants less: it says for how long, and nothing is sent twice', async () => {
    const target = await ask(kind);
    const stream = await newStream(target);
    for (const method of ['sendMessage', 'editMessageText']) {
      telegram.misbehave({ method, times: 1, action: { kind: 'rate_limit', retryAfterSeconds: 7 } });
      const error = { code: 'platform_rate_limited', retryAfterMs: 7000, outcomeUnknown: false };
      await expect(stream.finish(onePart(ANSWER))).rejects.toMatchObject(error);
    }
    await stream.finish(onePart(ANSWER));
    expect(texts(target)).toEqual([READ]);
  });

  test('the markup is refused', async () => {
    const target = await ask(kind);
    const error = "Bad Request: can't parse entities: Unsupported start tag";
    telegram.misbehave({ method: 'editMessageText', times: 1, action: { kind: 'error', error } });
    await (await newStream(target)).finish(onePart(ANSWER));
    expect(byBot(target)).toMatchObject([{ text: READ, raw: expect.not.objectContaining({ parse_mode: 'HTML' }) }]);
  });
});

test('whatever is cut, refused or killed in whatever order, one answer stands there', async () => {
  const fault = fc.record({
    method: fc.constantFrom('sendMessage', 'editMessageText', 'sendMessageDraft'),
    action: fc.constantFrom<ApiFault['action']>(
      { kind: 'cut', when: 'before' },
      { kind: 'cut', when: 'after' },
      { kind: 'rate_limit', retryAfterSeconds: 1 },
      { kind: 'status', status: 502 },
    ),
  });
  const step = fc.record({ fault: fc.option(fault), killed: fc.boolean(), act: fc.constantFrom('update', 'finish') });
  let turn = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('direct', 'group'), fc.array(step, { maxLength: 5 }), async (kind, steps) => {
      record = undefined;
      turn++;
      const target = await ask(kind, undefined, `${kind} ${turn}`);
      let stream = await newStream(target, `turn-${turn}`);
      for (const { fault: misfortune, killed, act } of steps) {
        const stop = misfortune ? telegram.misbehave({ ...misfortune, times: 1 }) : () => {};
        await (act === 'update' ? stream.update('The **wh**') : stream.finish(onePart(ANSWER))).catch(() => undefined);
        stop();
        if (killed) stream = await newStream(target, `turn-${turn}`);
      }
      const { messageId } = await stream.finish(onePart(ANSWER));
      expect(byBot(target).filter(({ text }) => text !== '…')).toMatchObject([{ id: messageId, text: READ }]);
    }),
    { numRuns: 40 },
  );
});

test('a group that became a supergroup meanwhile gets its answer there', async () => {
  const target = await ask('group');
  const stream = await newStream(target);
  await stream.update('The');
  const { to } = telegram.migrate('group');
  await expect(stream.finish(onePart(ANSWER))).rejects.toMatchObject({ code: 'platform_rejected' });
  record = undefined;
  await (await newStream(target, 'turn-0r')).finish(onePart(ANSWER));
  expect(telegram.transcript(to)).toMatchObject([{ author: 'bot', text: READ }]);
});

/** A person takes the bot's message away, which the simulator lets only the API do. */
async function takeAway(target: ReplyTarget): Promise<void> {
  const { url, credentials } = telegram;
  const [message] = byBot(target);
  const body = JSON.stringify({ chat_id: Number(target.chat.id), message_id: Number(message?.id) });
  const headers = { 'content-type': 'application/json' };
  await fetch(`${url}/bot${credentials.bot_token}/deleteMessage`, { method: 'POST', headers, body });
  expect(byBot(target)).toEqual([]);
}
