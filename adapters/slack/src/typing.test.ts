import type { Adapter, ReplyTarget } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter } from './index.ts';
import { cut, type FakeApi, ok, refuse, startApi } from './testkit/api.ts';
import { makeChannel, makeDeps, NOW } from './testkit/index.ts';

const chat: ReplyTarget['chat'] = { id: 'C0LAN2Q65', kind: 'group' };
const channelTarget: ReplyTarget = { chat, messageId: '1763683200.000016', senderId: 'U061F7AUR' };
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

describe('startTyping', () => {
  const STATUS = '/api/assistant.threads.setStatus';

  test("shows in the answer's thread, in the asker's language", async () => {
    api.on(STATUS, ok());
    await adapter.startTyping?.({ ...channelTarget, state: { language: 'zh' } });
    await adapter.startTyping?.(directTarget);
    expect(api.calls.map(({ fields }) => fields)).toEqual([
      { channel_id: 'C0LAN2Q65', thread_ts: '1763683200.000016', status: '正在思考…' },
    ]);
  });

  test('never fails, and rests after a refusal', async () => {
    let now = NOW;
    const patient = createAdapter(makeChannel({ api_base_url: api.url }), makeDeps({ now: () => now }));
    api.on(STATUS, cut, refuse('missing_scope'), ok());
    for (let call = 0; call < 4; call += 1) await patient.startTyping?.(channelTarget);
    expect(api.calls).toHaveLength(2);
    now += 60 * 60 * 1000;
    await patient.startTyping?.(channelTarget);
    expect(api.calls).toHaveLength(3);
    await patient.close();
  });
});
