import type { Channel } from '@parley/adapter-registry';
import type { Completion, Governor, Head, TurnRecordFields, TurnStore } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { createLogger, createMetrics } from '@parley/core/telemetry';
import { expect, test } from 'vitest';
import type { Outcome } from './outcome.ts';
import { createTurnRunner } from './turn.ts';

const HOUR_MS = 3_600_000;
const limits = { perSecond: 1000, burst: 1000 };
const answer: Outcome = { status: 'success', text: 'the answer', attempts: [], by: 'rule' };

/** Takes up a turn whose answer is recorded already, over a platform that works or not. */
async function takeUp(
  record: TurnRecordFields,
  platform: 'works' | 'away',
  { known = true, receivedAt = Date.now() } = {},
) {
  const sent: string[] = [];
  const saved: TurnRecordFields[] = [];
  const completed: Completion[] = [];
  const channel = {
    config: { streaming: false },
    tenant: { session: { turns: 5, ttl_seconds: 60 }, transcripts: { keep: true, days: 30 } },
    adapter: {
      certainty: 'idempotent',
      limits: { bot: limits, direct: limits, group: limits },
      formatReply: (text: string) => [{ payload: {}, plain: text }],
      async postMessage(_target: unknown, { plain }: { plain: string }) {
        if (platform === 'away') throw new ParleyError('platform_unavailable', 'away', { retryAfterMs: 30_000 });
        sent.push(plain);
        return { messageId: 'm', refs: [] };
      },
    },
  } as unknown as Channel;
  const head = {
    envelope: {
      turn: 'turn',
      conversation: { id: 'conversation', shard: 0 },
      receivedAt,
      message: { chat: { id: 'c', kind: 'direct' }, sender: { id: 'alice' }, text: 'question', language: 'en' },
    },
    also: [],
    record: { state: 'answered', answer: JSON.stringify(answer), sending: '0', ...record },
  } as unknown as Head;
  const turns: Partial<TurnStore> = {
    save: async (_conversation, _owner, fields) => {
      saved.push(fields);
      return true;
    },
    renew: async () => ({ owned: true }),
    async complete(_head, _owner, completion) {
      completed.push(completion);
      return { status: 'empty' };
    },
  };
  const governor: Governor = { reserve: async () => 0, tryPreview: async () => true, penalise: async () => {} };
  const runner = createTurnRunner({
    turns: turns as TurnStore,
    governor,
    config: () => ({
      channels: { get: () => (known ? channel : undefined) },
      ask: async function* () {},
      limitsOf: async () => [],
      mask: async (_tenant, _conversation, text) => text,
    }),
    metrics: createMetrics(),
    logger: createLogger('silent'),
    pseudonym: () => 'u_alice',
    recallHistory: async () => [],
  });
  const result = await runner.run(head, 'w', new AbortController().signal);
  return { result: result.status, sent, saved, deadLetter: completed[0]?.deadLetter };
}

const longAgo = { answeredAt: String(Date.now() - HOUR_MS) };

test('an answer from before a long outage of the hub itself is sent', async () => {
  const taken = await takeUp({ ...longAgo, attempts: '2' }, 'works');
  expect(taken).toMatchObject({ result: 'empty', sent: ['the answer'], deadLetter: undefined });
});

test('one that the platform does not take is put aside, and given up after many tries over a long time', async () => {
  expect((await takeUp({ ...longAgo, attempts: '2' }, 'away')).result).toBe('parked');
  expect((await takeUp({ answeredAt: String(Date.now()), attempts: '20' }, 'away')).result).toBe('parked');
  const given = await takeUp({ ...longAgo, attempts: '20' }, 'away');
  expect(given.result).toBe('empty');
  expect(JSON.parse(given.deadLetter ?? '{}')).toMatchObject({ turn: 'turn', answer: JSON.stringify(answer) });
});

test('a channel that this worker has not heard of yet is waited for, without an attempt being counted', async () => {
  const early = await takeUp({ attempts: '3' }, 'works', { known: false });
  expect(early).toMatchObject({ result: 'parked', deadLetter: undefined, saved: [{ attempts: '0' }] });
  const late = await takeUp({}, 'works', { known: false, receivedAt: Date.now() - HOUR_MS });
  expect(late.result).toBe('empty');
  expect(JSON.parse(late.deadLetter ?? '{}')).toMatchObject({ turn: 'turn' });
});
