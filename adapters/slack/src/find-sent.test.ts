import type { Adapter, ReplyTarget } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter } from './index.ts';
import { cut, type FakeApi, ok, refuse, startApi, status } from './testkit/api.ts';
import { makeChannel, makeDeps, NOW } from './testkit/index.ts';

const HISTORY = '/api/conversations.history';
const REPLIES = '/api/conversations.replies';
const channelTarget: ReplyTarget = {
  chat: { id: 'C0LAN2Q65', kind: 'group' },
  messageId: '1763683200.000016',
  senderId: 'U061F7AUR',
};
const directTarget: ReplyTarget = { ...channelTarget, chat: { id: 'D024BE91L', kind: 'direct' } };

let api: FakeApi;
let adapter: Adapter;
beforeEach(async () => {
  api = await startApi();
  adapter = createAdapter(makeChannel({ api_base_url: api.url }), makeDeps());
});
afterEach(async () => {
  await adapter.close();
  await api.close();
});

const find = (target = channelTarget) => adapter.findSent?.(target, 'turn-1-0');
const marked = (ts: string, key = 'turn-1-0', type = 'parley_turn') => ({
  ts,
  text: 'an answer',
  metadata: { event_type: type, event_payload: { key } },
});
const more = (next: string) => ({ has_more: true, response_metadata: { next_cursor: next } });

describe('findSent', () => {
  test("looks through the question's thread, page by page", async () => {
    const others = [{ ts: '1763683200.000016', text: 'the question' }, marked('1763683201.000001', 'turn-1-1')];
    api.on(
      REPLIES,
      ok({ messages: others, ...more('page-2') }),
      ok({ messages: [marked('1763683202.000002', 'turn-1-0', 'task_done'), marked('1763683203.000003')] }),
    );
    expect(await find()).toEqual({ messageId: '1763683203.000003', refs: ['1763683203.000003'] });
    expect(api.calls.map(({ fields }) => fields)).toEqual([
      {
        channel: 'C0LAN2Q65',
        ts: '1763683200.000016',
        oldest: '1763683200.000016',
        include_all_metadata: 'true',
        limit: '200',
      },
      expect.objectContaining({ ts: '1763683200.000016', cursor: 'page-2' }),
    ]);
  });

  test('looks where the answer would stand, and not before its question', async () => {
    api.on(HISTORY, ok({ messages: [] }));
    api.on(REPLIES, ok({ messages: [] }));
    const command = { ...channelTarget, messageId: '13345224609.738474920.8088930838d88f008e0' };
    await find(directTarget);
    await find({ ...channelTarget, thread: '1763683100.000001' });
    await find({ ...command, state: { askedAt: NOW } });
    await find(command);
    expect(api.calls.map(({ path, fields: { ts, oldest } }) => [path, ts, oldest])).toEqual([
      [HISTORY, undefined, '1763683200.000016'],
      [REPLIES, '1763683100.000001', '1763683200.000016'],
      [HISTORY, undefined, '1763683200.000000'],
      [HISTORY, undefined, undefined],
    ]);
  });

  test('is certain when all is read', async () => {
    api.on(HISTORY, ok({ messages: [{ ts: '1' }], ...more('2') }), ok({ messages: [], response_metadata: {} }));
    expect(await find(directTarget)).toBeUndefined();
    expect(api.calls).toHaveLength(2);
  });

  test('gives up on a chat that has no end', async () => {
    api.on(HISTORY, ok({ messages: [marked('1763683201.000001', 'other')], ...more('again') }));
    await expect(find(directTarget)).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(api.calls).toHaveLength(5);
    api.on(HISTORY, ok({ messages: [], has_more: true }));
    await expect(find(directTarget)).rejects.toMatchObject({ code: 'platform_rejected' });
  });

  test.each([
    ['a missing scope', refuse('missing_scope', { needed: 'im:history' }), { code: 'platform_rejected' }],
    ['a chat the bot is not in', refuse('not_in_channel'), { code: 'platform_rejected' }],
    ['a refused token', refuse('invalid_auth'), { code: 'platform_unauthorized' }],
    ['throttling', status(429, { 'retry-after': '3' }), { code: 'platform_rate_limited', retryAfterMs: 3000 }],
    ['a cut socket', cut, { code: 'platform_unavailable', outcomeUnknown: false }],
    ['an answer without messages', ok(), { code: 'platform_unavailable' }],
  ])('cannot tell after %s', async (_name, answer, expected) => {
    api.on(HISTORY, answer);
    await expect(find(directTarget)).rejects.toMatchObject(expected);
  });
});
