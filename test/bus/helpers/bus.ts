import {
  type Completion,
  type ConversationAddress,
  connectRedis,
  createAmender,
  createDeadLetters,
  createPublisher,
  createTurnStore,
  type Envelope,
  type Head,
  type RedisClient,
  type StopReason,
} from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startRedis, type TestRedis } from '../../support/redis.ts';

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
  let server: TestRedis;
  let redis: RedisClient;
  const maxMailbox = 100;

  beforeAll(async () => {
    server = await startRedis({ cluster: true });
    redis = connectRedis(server.url, 'work', createLogger('silent'));
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await server.flush();
    woken.length = 0;
  });

  return {
    woken,
    queue,
    maxMailbox,
    redis: () => redis,
    connect: () => connectRedis(server.url, 'work', createLogger('silent')),
    turns: (now?: () => number) => createTurnStore(redis, now),
    amender: () => createAmender(redis),
    deadLetters: () => createDeadLetters({ redis, queue, maxMailbox }),
    /** Publishes under the message's id as its only dedupe key. */
    async publish(envelope: Envelope, stops?: StopReason) {
      const publisher = createPublisher({ redis, queue, maxMailbox });
      return (await publisher.publish(envelope, [envelope.message.id], stops)).outcome;
    },
    async claim(envelope: Envelope, owner = 'w', now?: () => number): Promise<Head> {
      const claimed = await createTurnStore(redis, now).claim(envelope.conversation, owner);
      if (claimed.status !== 'head') throw new Error(`expected a head, got ${claimed.status}`);
      return claimed.head;
    },
    async depth(): Promise<number> {
      const counters = await redis.keys('*:depth');
      const values = await Promise.all(counters.map((key) => redis.get(key)));
      return values.reduce((sum, value) => sum + Number(value), 0);
    },
  };
}
