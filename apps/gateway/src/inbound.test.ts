import type { Channel } from '@parley/adapter-registry';
import type { InboundEvent } from '@parley/core/adapter';
import type { Amender, AmendOutcome, Envelope, StopReason } from '@parley/core/bus';
import type { Message } from '@parley/core/message';
import { createLogger, createMetrics } from '@parley/core/telemetry';
import { expect, test } from 'vitest';
import { createInbound } from './inbound.ts';

const message = (over: Partial<Message> = {}): Message => ({
  id: 'm1',
  chat: { id: 'chat', kind: 'direct' },
  sender: { id: 'alice' },
  text: 'why?',
  mentions: [],
  contextRefs: [],
  attachments: [],
  language: 'en',
  sentAt: 1,
  ...over,
});

const triggers = { direct: 'always', group: 'mention', commands: ['/ai'], allow_chats: [], deny_users: [] };
const channel = {
  config: { id: 'bot', platform: 'telegram', triggers, overlap: 'interrupt', debounce_ms: 100 },
  tenant: { id: 'acme', session: { scope: 'chat' } },
} as unknown as Channel;

function setUp(amended: AmendOutcome | Error = 'applied') {
  const published: { envelope: Envelope; stops: StopReason | undefined }[] = [];
  const amendments: unknown[][] = [];
  const metrics = createMetrics();
  const answer = async () => {
    if (amended instanceof Error) throw amended;
    return amended;
  };
  const amender: Amender = {
    edit(where, key, next, planOf) {
      amendments.push(['edit', where, key, planOf(next)]);
      return answer();
    },
    remove(where, key) {
      amendments.push(['remove', where, key]);
      return answer();
    },
  };
  const inbound = createInbound({
    publisher: {
      async publish(envelope, _keys, stops) {
        published.push({ envelope, stops });
        return { outcome: stops === 'command' ? 'stopped' : 'accepted', shardDepth: 1 };
      },
    },
    amender,
    ownRefs: { isOwn: async () => false, close: async () => {} },
    backlog: { total: 0, note: () => {}, refresh: async () => 0 },
    maxBacklog: 10,
    metrics,
    logger: createLogger('silent'),
    now: () => 5000,
  });
  const outcomes = async () => (await metrics.events.get()).values.map(({ labels }) => labels.outcome);
  return { accept: (...events: InboundEvent[]) => inbound.accept(channel, events), published, amendments, outcomes };
}

test('a question carries what the channel says about questions that overlap', async () => {
  const { accept, published, outcomes } = setUp();
  await accept({ kind: 'message', message: message(), dedupeKeys: ['1'] });
  expect(published).toMatchObject([{ envelope: { receivedAt: 5000, merge: 4, notBefore: 5100 }, stops: 'newer' }]);
  expect(await outcomes()).toEqual(['accepted']);
});

test('/stop goes past the mailbox', async () => {
  const { accept, published, outcomes } = setUp();
  const stop = message({ command: { name: '/stop', args: '' }, text: '' });
  await accept({ kind: 'message', message: stop, dedupeKeys: ['1'] });
  expect(published.map(({ stops }) => stops)).toEqual(['command']);
  expect(await outcomes()).toEqual(['stopped']);
});

test.each(['applied', 'late'] as const)(
  'edits and deletions are looked for in their chat and counted: %s',
  async (outcome) => {
    const { accept, amendments, outcomes } = setUp(outcome);
    await accept(
      { kind: 'edited', key: 'k1', message: message({ text: 'because' }) },
      { kind: 'deleted', key: 'k2', chat: { id: 'chat', kind: 'direct' } },
    );
    const where = { tenant: 'acme', channel: 'bot', chat: 'chat' };
    expect(amendments).toEqual([
      ['edit', where, 'k1', { merge: 7, notBefore: 5100 }],
      ['remove', where, 'k2'],
    ]);
    expect(await outcomes()).toEqual([`edited_${outcome}`, `deleted_${outcome}`]);
  },
);

test('an amendment that Redis cannot take now is to come again', async () => {
  const { accept } = setUp(new Error('Redis is away'));
  const deletion = accept({ kind: 'deleted', key: 'k', chat: { id: 'chat', kind: 'direct' } });
  await expect(deletion).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: expect.any(Number) });
});
