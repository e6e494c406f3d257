import {
  type Completion,
  type ConversationAddress,
  createAmender,
  createDeadLetters,
  createPublisher,
  createTurnStore,
  type Envelope,
  type Head,
  type StopReason,
} from '@parley/core/bus';
import { beforeEach } from 'vitest';
import { useRedis } from '../../support/use-redis.ts';

export const nothingToKeep: Completion = {
  archiveRow: '{}',
  remember: [],
  historyKeep: 10,
  historyTtlMs: 60_000,
  resetHistory: false,
  ownRefs: [],
};

/** Where Redis has something of a conversation, or for `pending` of its shard. */
export function keyOf(kind: 'mailbox' | 'lock' | 'turn' | 'pending', { id, shard }: ConversationAddress): string {
  return kind === 'pending' ? `parley:{p${shard}}:pending` : `parley:{p${shard}}:${kind}:${id}`;
}

/** The bus over a real Redis of its own that is empty before every test; wakes are only noted. */
export function useBus() {
  const woken: { id: string; delayMs: number }[] = [];
  const queue = {
    wake: async ({ id }: { id: string }, delayMs = 0) => void woken.push({ id, delayMs }),
    close: async () => {},
  };
  const { redis, connect } = useRedis({ cluster: true });
  const maxMailbox = 100;

  beforeEach(() => {
    woken.length = 0;
  });

  return {
    woken,
    queue,
    maxMailbox,
    redis,
    connect,
    turns: (now?: () => number) => createTurnStore(redis(), now),
    amender: () => createAmender(redis()),
    deadLetters: () => createDeadLetters({ redis: redis(), queue, maxMailbox }),
    /** Publishes under the message's id as its only dedupe key. */
    async publish(envelope: Envelope, stops?: StopReason) {
      const publisher = createPublisher({ redis: redis(), queue, maxMailbox });
      return (await publisher.publish(envelope, [envelope.message.id], stops)).outcome;
    },
    async claim(envelope: Envelope, owner = 'w', now?: () => number): Promise<Head> {
      const claimed = await createTurnStore(redis(), now).claim(envelope.conversation, owner);
      if (claimed.status !== 'head') throw new Error(`expected a head, got ${claimed.status}`);
      return claimed.head;
    },
    async depth(): Promise<number> {
      const counters = await redis().keys('*:depth');
      const values = await Promise.all(counters.map((key) => redis().get(key)));
      return values.reduce((sum, value) => sum + Number(value), 0);
    },
  };
}
