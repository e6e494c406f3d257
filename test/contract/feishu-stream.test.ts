import { createAdapter } from '@parley/adapter-feishu';
import type { Adapter, AnswerStream, OutgoingPart, ReplyTarget, StreamState } from '@parley/core/adapter';
import { channelSchema } from '@parley/core/config';
import { createLogger } from '@parley/core/telemetry';
import { type FeishuSimulator, type FeishuSimulatorOptions, startFeishuSimulator } from '@parley/simulators/feishu';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';

const CONTENT = 'cardkit.cardElement.content';
const UPDATE = 'cardkit.card.update';
const PATCH = 'im.message.patch';
const REPLY = 'im.message.reply';
const ANSWER = '# 结论\n\n| 项 | 值 |\n|---|---|\n| 速度 | 👩‍👩‍👧‍👦 快 |\n\n`code` & **bold** <at id=all></at> 𠮷';

let time: number;
let feishu: FeishuSimulator;
let adapters: Adapter[] = [];

afterEach(async () => {
  await Promise.all(adapters.map((adapter) => adapter.close()));
  adapters = [];
  await feishu.close();
});

async function start(options: FeishuSimulatorOptions = {}): Promise<void> {
  time = Date.UTC(2026, 10, 21);
  feishu = await startFeishuSimulator({ now: () => time, ...options });
}

/** Another process of the hub: all that it knows of others is what it is given. */
function newAdapter(): Adapter {
  const channel = channelSchema.parse({
    id: 'feishu',
    tenant: 'acme',
    platform: 'feishu',
    credentials: feishu.credentials,
    api_base_url: feishu.url,
  });
  const cache = { get: async () => undefined, set: async () => undefined };
  const adapter = createAdapter(channel, { logger: createLogger('silent'), cache, now: () => time });
  adapters.push(adapter);
  return adapter;
}

interface Turn {
  target: ReplyTarget;
  saved: StreamState[];
  /** Goes on from what was saved last; with `dieAt` the process dies right after that save is durable. */
  open(adapter: Adapter, dieAt?: number): Promise<AnswerStream>;
  replies(): ReturnType<FeishuSimulator['transcript']>;
}

let turns = 0;

async function ask(): Promise<Turn> {
  const key = `turn-${++turns}-0`;
  const question = await feishu.say({ chat: `chat ${turns}`, kind: 'group', mentionBot: true, text: 'why?' });
  const target = { chat: { id: question.chat, kind: 'group' as const }, messageId: question.id, senderId: 'ou_a' };
  const saved: StreamState[] = [];
  return {
    target,
    saved,
    async open(adapter, dieAt) {
      const save = async (state: StreamState) => {
        saved.push(JSON.parse(JSON.stringify(state)));
        if (saved.length === dieAt) throw new Error('killed');
      };
      const stream = await adapter.startStream?.(target, { idempotencyKey: key, save }, saved.at(-1));
      if (!stream) throw new Error('Feishu has no startStream');
      return stream;
    },
    replies: () => feishu.transcript(question.chat).filter(({ author }) => author === 'bot'),
  };
}

function onlyPart(adapter: Adapter, markdown: string): OutgoingPart {
  const [part, ...rest] = adapter.formatReply(markdown);
  if (!part || rest.length > 0) throw new Error('not exactly one part');
  return part;
}

/** The card a message shows, whichever way it came there. */
function cardOf(raw: unknown): unknown {
  const { content } = raw as { content?: string };
  return content === undefined ? raw : JSON.parse(content);
}

function sequences(): number[] {
  return feishu.calls.flatMap(({ body, status }) => {
    const { sequence } = body as { sequence?: number };
    return sequence !== undefined && status === 200 ? [sequence] : [];
  });
}

const callsOf = (method: string) => feishu.calls.filter((call) => call.method === method);
const sixTables = { tag: 'markdown', content: '|a|b|\n|-|-|\n|1|2|\n\n'.repeat(6) };

describe('an answer that is streamed', () => {
  test('grows in one message and ends as the card that would have been sent', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    expect(turn.replies()).toEqual([]);
    const texts = ['# 结论', '# 结论\n\n👩‍👩‍👧‍👦', '# 结论\n\n👩‍👩‍👧‍👦 很快 𠮷'];
    for (const text of texts) await stream.update(text);
    const part = onlyPart(adapter, ANSWER);
    const receipt = await stream.finish(part);
    const [reply, ...others] = turn.replies();
    expect(others).toEqual([]);
    expect(receipt).toEqual({ messageId: reply?.id, refs: [reply?.id] });
    expect(reply?.raw).toEqual(part.payload);
    expect(reply?.versions.slice(0, 3)).toEqual(['结论', '结论\n\n👩‍👩‍👧‍👦', '结论\n\n👩‍👩‍👧‍👦 很快 𠮷']);
    expect(reply?.replyTo).toBe(turn.target.messageId);
    expect(sequences()).toEqual([1, 2, 3, 4]);
  });

  test('is finished as often as anybody likes', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    await stream.update('a');
    const part = onlyPart(adapter, ANSWER);
    const receipt = await stream.finish(part);
    expect(await stream.finish(part)).toEqual(receipt);
    expect(await (await turn.open(newAdapter())).finish(part)).toEqual(receipt);
    expect(turn.replies().map(({ raw }) => raw)).toEqual([part.payload]);
    expect(sequences()).toEqual([...new Set(sequences())].sort((a, b) => a - b));
  });

  test.each([1, 2])('goes on in another process that knows save number %i', async (dieAt) => {
    await start();
    const turn = await ask();
    await expect((await turn.open(newAdapter(), dieAt)).update('first')).rejects.toThrow('killed');
    const adapter = newAdapter();
    const stream = await turn.open(adapter);
    await stream.update('second');
    expect(turn.replies().map(({ text }) => text)).toEqual(['second']);
    const part = onlyPart(adapter, ANSWER);
    await stream.finish(part);
    expect(turn.replies().map(({ raw }) => raw)).toEqual([part.payload]);
  });

  test('is one message when the send was cut after Feishu had taken it', async () => {
    await start();
    const turn = await ask();
    feishu.misbehave({ method: REPLY, times: 1, action: { kind: 'cut', when: 'after' } });
    await (await turn.open(newAdapter())).update('first');
    expect(turn.saved.at(-1)).not.toHaveProperty('messageId');
    const adapter = newAdapter();
    const part = onlyPart(adapter, ANSWER);
    const receipt = await (await turn.open(adapter)).finish(part);
    expect(turn.replies()).toMatchObject([{ id: receipt.messageId, raw: part.payload }]);
  });

  test('goes on when its ten minutes are over', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    await stream.update('a');
    time += 10 * 60_000 + 1;
    await stream.update('ab');
    await stream.update('abc');
    expect(turn.replies()[0]?.text).toBe('abc');
    expect(callsOf(CONTENT)).toHaveLength(1);
    time += 10 * 60_000 + 1;
    const part = onlyPart(adapter, ANSWER);
    await stream.finish(part);
    expect(turn.replies().map(({ raw }) => raw)).toEqual([part.payload]);
  });

  test('shows plain text in the same message when the final card has too many tables', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    await stream.update('a');
    const { payload, plain } = onlyPart(adapter, ANSWER);
    await stream.finish({ payload: { ...payload, body: { elements: [sixTables] } }, plain });
    expect(turn.replies()).toMatchObject([{ text: plain, raw: { config: { update_multi: true } } }]);
    expect(turn.replies()[0]?.raw).not.toHaveProperty('config.streaming_mode');
  });

  test('shows no more of a long text than its first message will have', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    const long = `${sixTables.content}\n\n${'字'.repeat(20_000)}`;
    const [first] = adapter.formatReply(long);
    await stream.update('|a|b|');
    await stream.update(long);
    if (first) await stream.finish(first);
    expect(turn.replies()).toHaveLength(1);
    expect(feishu.calls.every(({ status }) => status === 200)).toBe(true);
  });

  test('makes way for a higher number when somebody else has operated the card', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const mine = await turn.open(adapter);
    await mine.update('a');
    const other = await turn.open(newAdapter());
    await other.update('b');
    await mine.update('c');
    const part = onlyPart(adapter, ANSWER);
    await other.finish(part);
    expect(callsOf(CONTENT).map(({ status }) => status)).toContain(400);
    expect(turn.replies()[0]?.versions).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    expect(turn.replies().map(({ raw }) => raw)).toEqual([part.payload]);
    expect(sequences()).toEqual([...new Set(sequences())].sort((a, b) => a - b));
  });

  test('goes through the message where CardKit fails for good', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    await stream.update('a');
    feishu.misbehave({ method: /^cardkit/, action: { kind: 'error', error: '200750' } });
    const part = onlyPart(adapter, ANSWER);
    await stream.finish(part);
    expect(turn.replies().map(({ raw }) => cardOf(raw))).toEqual([part.payload]);
  });

  test('hands the part back when nothing can show it, and leaves no fragment', async () => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    await stream.update('half an ans');
    for (const [method, times] of [
      [UPDATE, 2],
      [PATCH, 3],
    ] as const) {
      feishu.misbehave({ method, times, action: { kind: 'error', error: '230099' } });
    }
    const part = onlyPart(adapter, ANSWER);
    await expect(stream.finish(part)).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(turn.replies()).toMatchObject([{ text: '…' }]);
    await adapter.postMessage(turn.target, part, { idempotencyKey: `turn-${turns}-0` });
    expect(turn.replies()).toHaveLength(2);
  });
});

describe('rates', () => {
  test('ten operations a second are what a card takes, and the eleventh says so', async () => {
    await start({ rateLimits: true });
    const stream = await (await ask()).open(newAdapter());
    for (let i = 0; i <= 10; i++) await stream.update('x'.repeat(i + 1));
    await expect(stream.update('and more')).rejects.toMatchObject({ code: 'platform_rate_limited' });
    time += 1_000;
    await stream.update('and more');
  });

  test.each([CONTENT, UPDATE, 'cardkit.card.settings'])('%s tells how long to wait', async (method) => {
    await start();
    const adapter = newAdapter();
    const turn = await ask();
    const stream = await turn.open(adapter);
    const part = onlyPart(adapter, ANSWER);
    await stream.update('a');
    feishu.misbehave({ method, times: 1, action: { kind: 'rate_limit', retryAfterSeconds: 7 } });
    const limited = (async () => {
      await stream.update('ab');
      await stream.finish(part);
    })();
    await expect(limited).rejects.toMatchObject({ code: 'platform_rate_limited', retryAfterMs: 7_000 });
    await stream.finish(part);
    expect(turn.replies().map(({ raw }) => raw)).toEqual([part.payload]);
  });
});

describe('whatever happens', () => {
  const fault = fc.record({
    method: fc.constantFrom('cardkit.card.create', REPLY, CONTENT, UPDATE, 'cardkit.card.settings', PATCH),
    action: fc.constantFrom(
      { kind: 'cut', when: 'before' } as const,
      { kind: 'cut', when: 'after' } as const,
      { kind: 'status', status: 502 } as const,
      { kind: 'rate_limit', retryAfterSeconds: 1 } as const,
      { kind: 'error', error: '99991672' } as const,
      { kind: 'error', error: '300317' } as const,
      { kind: 'error', error: '300309' } as const,
    ),
  });
  const step = fc.oneof(
    fc.constant({ do: 'update' } as const),
    fc.constant({ do: 'crash' } as const),
    fc.constant({ do: 'wait' } as const),
    fault.map((what) => ({ do: 'fault', what }) as const),
  );

  test('there is one message, and at last it shows the answer', async () => {
    await start();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const turn = await ask();
        let adapter = newAdapter();
        let stream = await turn.open(adapter);
        let text = '';
        const heal: (() => void)[] = [];
        let waits = 0;
        for (const one of steps) {
          // A repeated send is the same send for an hour: a turn is over long before.
          if (one.do === 'wait' && ++waits < 5) time += 11 * 60_000;
          if (one.do === 'fault') heal.push(feishu.misbehave({ ...one.what, times: 1 }));
          if (one.do === 'update') {
            text += '字 ';
            await stream.update(text).catch(() => undefined);
          }
          if (one.do !== 'crash') continue;
          adapter = newAdapter();
          stream = await turn.open(adapter);
        }
        const part = onlyPart(adapter, ANSWER);
        await untilDone(() => stream.finish(part));
        for (const stop of heal) stop();
        const [reply, ...others] = turn.replies();
        expect(others).toEqual([]);
        expect(cardOf(reply?.raw)).toEqual(part.payload);
      }),
      { numRuns: 60 },
    );
  });
});

/** What the delivery does with errors that pass. */
async function untilDone(run: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await run();
      return;
    } catch (error) {
      if (tries >= 20) throw error;
    }
  }
}
