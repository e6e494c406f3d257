import type { Adapter, AnswerStream, ReplyTarget, StreamState } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter } from './index.ts';
import { cut, type FakeApi, ok, refuse, startApi, status } from './testkit/api.ts';
import { BOT, makeChannel, makeDeps, NOW } from './testkit/index.ts';

/** What a message in each state does is tested against the simulator: test/contract/slack-stream.test.ts. */
const [START, APPEND, STOP] = ['/api/chat.startStream', '/api/chat.appendStream', '/api/chat.stopStream'];
const [POST, UPDATE, REPLIES] = ['/api/chat.postMessage', '/api/chat.update', '/api/conversations.replies'];
const TS = '1763683201.000100';
const MARK = { event_type: 'parley_turn', event_payload: { key: 'turn-1-0' } };
const channelTarget: ReplyTarget = {
  chat: { id: 'C0LAN2Q65', kind: 'group' },
  messageId: '1763683200.000016',
  senderId: 'U061F7AUR',
  state: { team: 'T9TK3CUKW' },
};
const directTarget: ReplyTarget = { ...channelTarget, chat: { id: 'D024BE91L', kind: 'direct' } };

let api: FakeApi;
let adapter: Adapter;
let now: number;
beforeEach(async () => {
  api = await startApi();
  now = NOW;
  adapter = createAdapter(makeChannel({ api_base_url: api.url }), makeDeps({ now: () => now }));
  for (const method of [START, POST]) api.on(method, ok({ channel: 'C0LAN2Q65', ts: TS }));
  for (const method of [APPEND, STOP, UPDATE]) api.on(method, ok());
  api.on('/api/auth.test', ok({ user_id: BOT }));
});
afterEach(async () => {
  await adapter.close();
  await api.close();
});

const steps = () => api.calls.map(({ path }) => path);
const part = (text: string, plain = text) => ({ payload: { blocks: [{ type: 'markdown', text }] }, plain });

async function open(target = channelTarget, earlier?: StreamState, saved: unknown[] = []): Promise<AnswerStream> {
  const save = async (state: StreamState) => void saved.push([...steps(), state]);
  const stream = await adapter.startStream?.(target, { idempotencyKey: 'turn-1-0', save }, earlier);
  if (stream === undefined) throw new Error('unreachable');
  return stream;
}

describe('a native stream', () => {
  test('is one call to begin, one to go on and one to end', async () => {
    const saved: unknown[] = [];
    const stream = await open(channelTarget, undefined, saved);
    expect(stream).toMatchObject({ intervalMs: 1000 });
    await stream.update('Hello **wor**');
    await stream.update('Hello **world** and <@U061F7AUR> all');
    await stream.update('Hello **world** and <@U061F7AUR> all');
    expect(stream.cost).toEqual({ update: 1, finish: 2 });
    const receipt = await stream.finish(part('Hello **world** and <\u200b@U061F7AUR> all.'));
    expect(receipt).toEqual({ messageId: TS, refs: [TS] });
    expect(api.calls.map(({ path, fields: { metadata, ...fields } }) => [path, fields])).toEqual([
      [
        START,
        {
          channel: 'C0LAN2Q65',
          thread_ts: '1763683200.000016',
          recipient_team_id: 'T9TK3CUKW',
          recipient_user_id: 'U061F7AUR',
          markdown_text: 'Hello **w',
        },
      ],
      [APPEND, { channel: 'C0LAN2Q65', ts: TS, markdown_text: 'or' }],
      [STOP, { channel: 'C0LAN2Q65', ts: TS, markdown_text: 'ld** and <\u200b@U061F7AUR> all.' }],
    ]);
    expect(JSON.parse(api.calls[2]?.fields.metadata ?? '')).toEqual(MARK);
    expect(saved).toEqual([[{ mode: 'native', starting: true }], [START, { mode: 'native', ts: TS }]]);
  });

  test('names no recipient in a direct chat', async () => {
    const stream = await open({ ...directTarget, thread: '1763683100.000001' });
    await stream.update('Hello world');
    expect(api.calls[0]?.fields).toEqual({
      channel: 'D024BE91L',
      thread_ts: '1763683100.000001',
      markdown_text: 'Hello wo',
    });
  });

  test.each([
    ['the main flow of a direct chat', directTarget],
    ['an asker whose workspace is not known', { ...channelTarget, state: {} }],
    ['a slash command', { ...channelTarget, messageId: '13345224609.738474920.8088930838d88f008e0' }],
  ])('is not tried for %s', async (_name, target) => {
    const stream = await open(target);
    expect(stream.intervalMs).toBe(2000);
    await stream.update('Hello world');
    await stream.update('Hello world, again');
    await stream.update('Hello world, again');
    await stream.finish(part('Done'));
    expect(steps()).toEqual([POST, UPDATE, UPDATE]);
  });

  test.each(['invalid_arguments', 'msg_too_long', 'metadata_too_large'])(
    'is stopped and edited when its end is refused as %s',
    async (error) => {
      api.on(STOP, refuse(error), ok());
      const stream = await open();
      await stream.update('Hello world');
      await stream.finish(part('Hello world.'));
      expect(steps()).toEqual([START, STOP, STOP, UPDATE]);
      expect(api.calls[2]?.fields).not.toHaveProperty('markdown_text');
      expect(JSON.parse(api.calls[3]?.fields.metadata ?? '')).toEqual(MARK);
    },
  );

  test('ended by a person is edited', async () => {
    const saved: unknown[] = [];
    api.on(APPEND, refuse('stopped_by_user'));
    const stream = await open(channelTarget, undefined, saved);
    await stream.update('Hello');
    await stream.update('Hello\nworld\n');
    await stream.update('Hello\nworld\nagain');
    expect(steps()).toEqual([START, APPEND, UPDATE, UPDATE]);
    expect(saved.at(-1)).toEqual([START, APPEND, { mode: 'edit', ts: TS }]);
    expect(stream.intervalMs).toBe(2000);
  });

  test('is stopped before it is edited, also where it is taken for an ordinary message', async () => {
    api.on(UPDATE, refuse('streaming_state_conflict'), ok());
    const stream = await open(channelTarget, { mode: 'edit', ts: TS });
    await stream.finish(part('Hello'));
    expect(steps()).toEqual([UPDATE, STOP, UPDATE]);
  });

  test('is not tried again for a while after a refusal', async () => {
    api.on(START, refuse('channel_type_not_supported'));
    for (const minutes of [0, 1, 11]) {
      now = NOW + minutes * 60_000;
      await (await open()).update('Hello world');
    }
    expect(steps()).toEqual([START, POST, POST, START, POST]);
    await (await open({ ...directTarget, thread: '1763683100.000001' })).update('Hello world');
    expect(steps().at(-2)).toBe(START);
  });

  test.each([
    ['throttling', status(429, { 'retry-after': '3' }), 'platform_rate_limited'],
    ['an outage', status(503), 'platform_unavailable'],
  ])('is begun again by the next preview after %s', async (_name, answer, code) => {
    api.on(START, answer, ok({ channel: 'C0LAN2Q65', ts: TS }));
    const stream = await open();
    await expect(stream.update('Hello')).rejects.toMatchObject({ code });
    await stream.update('Hello world');
    expect(steps()).toEqual([START, START]);
  });
});

describe('going on after a crash', () => {
  test('looks for the only message of the bot after the question that bears no mark', async () => {
    const ours = (ts: string, metadata?: unknown) => ({ ts, user: BOT, metadata });
    const other = { ...MARK, event_payload: { key: 'turn-2-0' } };
    api.on(
      REPLIES,
      ok({
        messages: [ours('1763683100.000001'), ours('1763683202.000001', other)],
        response_metadata: { next_cursor: 'p2' },
      }),
      ok({ messages: [{ ts: '1763683203.000001', user: 'U061F7AUR' }, ours(TS)] }),
    );
    const stream = await open(channelTarget, { mode: 'native', starting: true });
    expect(steps()).toEqual([]);
    await stream.finish(part('Hello'));
    expect(steps().filter((path) => path !== '/api/auth.test')).toEqual([REPLIES, REPLIES, STOP, UPDATE]);
    expect(api.calls.at(-1)?.fields.ts).toBe(TS);
  });

  test('leaves alone what another answer of this process streams to', async () => {
    const first = await open();
    await first.update('Hello');
    api.on(REPLIES, ok({ messages: [{ ts: TS, user: BOT }] }));
    api.on(POST, ok({ channel: 'C0LAN2Q65', ts: '1763683205.000001' }));
    const lost = await open(channelTarget, { mode: 'native', starting: true });
    expect((await lost.finish(part('Hello'))).messageId).toBe('1763683205.000001');
    first.abandon();
    const again = await open(channelTarget, { mode: 'native', starting: true });
    expect((await again.finish(part('Hello'))).messageId).toBe(TS);
  });

  test('goes by the mark where the state is of a newer version', async () => {
    api.on(
      REPLIES,
      ok({
        messages: [
          { ts: '1763683202.000001', user: BOT },
          { ts: TS, user: BOT, metadata: MARK },
        ],
      }),
    );
    await (await open(channelTarget, { mode: 'canvas', id: 1 })).finish(part('Hello'));
    expect(steps()).toEqual([REPLIES, UPDATE]);
    expect(api.calls[1]?.fields.ts).toBe(TS);
  });

  test('waits while it does not know who the bot is', async () => {
    api.on('/api/auth.test', cut);
    const stream = await open(channelTarget, { mode: 'native', starting: true });
    await expect(stream.finish(part('Hello'))).rejects.toMatchObject({ code: 'platform_unavailable' });
  });
});

describe('edits', () => {
  const slash = () => ({
    ...channelTarget,
    messageId: '13345224609.738474920.8088930838d88f008e0',
    state: { responseUrl: `${api.url}/commands/secret` },
  });

  test('cannot be had by response URL, which is kept for the answer', async () => {
    api.on(POST, refuse('not_in_channel'));
    api.on('/commands/secret', status(200, {}, 'ok'));
    const stream = await open(slash());
    await expect(stream.update('Hello')).rejects.toMatchObject({ code: 'platform_rejected' });
    const receipt = await stream.finish(part('Hello'));
    expect(receipt).toEqual({ messageId: 'response:turn-1-0', refs: [] });
    await stream.update('Hello again');
    expect(await stream.finish(part('Hello'))).toEqual(receipt);
    expect(steps()).toEqual([POST, POST, '/commands/secret']);
  });

  test('keep `text` short enough for chat.update, and show all of it all the same', async () => {
    const plain = `${'a < b & c 😀\n'.repeat(700)}end`;
    api.on(UPDATE, refuse('invalid_blocks'), ok());
    await adapter.editMessage?.(channelTarget, { messageId: TS, refs: [] }, part(plain), { idempotencyKey: 'k' });
    const [rich, bare] = api.calls.map(({ fields }) => ({
      text: fields.text ?? '',
      blocks: JSON.parse(fields.blocks ?? ''),
    }));
    for (const text of [rich?.text, bare?.text]) {
      expect(text).toMatch(/^a &lt; b &amp; c 😀\n[\s\S]*…$/);
      expect(text?.length).toBeLessThanOrEqual(4000);
    }
    expect(rich?.blocks).toEqual(part(plain).payload.blocks);
    const texts: string[] = bare?.blocks.map((block: { text: { text: string } }) => block.text.text);
    expect(texts.join('\n')).toBe(plain);
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(3000);
  });
});
