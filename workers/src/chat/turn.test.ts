import type { Channel } from '@parley/adapter-registry';
import type { Completion, Governor, Head, TurnRecordFields, TurnStore } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import type { Question, QuestionEvent } from '@parley/core/pipeline';
import type { ChatMessage } from '@parley/core/provider';
import { createLogger, createMetrics } from '@parley/core/telemetry';
import { expect, test } from 'vitest';
import type { Outcome } from './outcome.ts';
import { createTurnRunner } from './turn.ts';

const HOUR_MS = 3_600_000;
const limits = { perSecond: 1000, burst: 1000 };
const answer: Outcome = { status: 'success', text: 'the answer', attempts: [], by: 'rule' };

const NOTHING: ChatMessage[] = [];

/** Takes up a turn whose answer is recorded already, unless it is new, over a platform that works or not. */
async function takeUp(
  record: TurnRecordFields,
  platform: 'works' | 'away',
  { known = true, receivedAt = Date.now(), text = 'question', isNew = false, recalled = NOTHING, head: more = {} } = {},
) {
  const command = text.startsWith('/') ? { name: text, args: '' } : undefined;
  const sent: string[] = [];
  const saved: TurnRecordFields[] = [];
  const completed: Completion[] = [];
  const channel = {
    config: { streaming: false, platform: 'telegram', triggers: { commands: [] } },
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
      message: {
        chat: { id: 'c', kind: 'direct' },
        sender: { id: 'alice' },
        text,
        attachments: [],
        language: 'en',
        command,
      },
    },
    also: [],
    record: isNew ? record : { state: 'answered', answer: JSON.stringify(answer), sending: '0', ...record },
    takenAt: performance.now(),
    history: () => NOTHING,
    ...more,
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
      async *ask({ history, text: question }: Question): AsyncGenerator<QuestionEvent> {
        await history();
        const said = { question, answer: answer.text };
        const result = {
          ...answer,
          errorCode: undefined,
          by: 'model' as const,
          masked: said,
          costMicroUsd: 0,
          warnings: [],
        };
        yield { type: 'done', result: { ...result, decisions: [] } };
      },
      limitsOf: async () => [],
      mask: async (_tenant, _conversation, text) => text,
    }),
    metrics: createMetrics(),
    logger: createLogger('silent'),
    pseudonym: () => 'u_alice',
    recallHistory: async () => recalled,
  });
  const result = await runner.run(head, 'w', new AbortController().signal);
  return { result: result.status, sent, saved, deadLetter: completed[0]?.deadLetter, completed: completed[0] };
}

test('what the database remembers of a conversation that Redis has lost is remembered on, not for one question only', async () => {
  const earlier = [
    { role: 'user' as const, content: 'My name is Ann.' },
    { role: 'assistant' as const, content: 'Hello Ann.' },
  ];
  const ended = async (text: string, known: boolean) =>
    (await takeUp({}, 'works', { text, isNew: true, recalled: earlier, head: { known } })).completed;
  const said = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'the answer' },
  ];
  expect(await ended('hi', false)).toMatchObject({ remember: [...earlier, ...said], resetHistory: true });
  expect(await ended('hi', true)).toMatchObject({ remember: said, resetHistory: false });
  // A command asks for nothing of it: the next question still has to.
  expect(await ended('/help', false)).toMatchObject({ remember: [], known: false });
});

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
