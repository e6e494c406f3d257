import { createGovernor, createPublisher, createSweeper, createTurnStore, createWakeQueue } from '@parley/core/bus';
import { createLogger, createMetrics } from '@parley/core/telemetry';
import { createConsumer, type TurnRunner } from '@parley/workers';
import { expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { until } from '../support/until.ts';
import { useRedis } from '../support/use-redis.ts';
import { keyOf, nothingToKeep } from './helpers/bus.ts';

/** Answers that wait for a bot's pace, over a real queue and a real governor. */
const logger = createLogger('silent');
const PLENTY = { perSecond: 10_000, burst: 1_000 };
const BOT = { perSecond: 40, burst: 4 };
/** What a worker sits out; many of the bot's intervals, as in earnest, and far less than all have to wait. */
const HOLD_MS = 500;

const { connect, atEnd } = useRedis();

/** Answers at once, then waits for the pace as a delivery does. */
function pacedWorker(sentAt: number[]) {
  const redis = connect();
  const queue = createWakeQueue(redis);
  atEnd(() => queue.close());
  const turns = createTurnStore(redis);
  const governor = createGovernor(redis);
  const looks = { count: 0 };
  const runner: TurnRunner = {
    async run(head, owner) {
      looks.count++;
      const { conversation, channel, message } = head.envelope;
      await turns.save(conversation, owner, { state: 'answered' });
      const limits = { bot: BOT, direct: PLENTY, group: PLENTY };
      const place = { channel, chat: message.chat.id, kind: message.chat.kind, limits };
      const hasWaited = head.record.parked !== undefined;
      const waitMs = await governor.reserve(place, 1, { maxMs: HOLD_MS, hasWaited });
      if (waitMs > HOLD_MS) return { status: 'parked', waitMs, isPaced: true };
      sentAt.push(Date.now() + waitMs);
      return turns.complete(head, owner, nothingToKeep);
    },
  };
  const consumer = createConsumer({
    redis: connect(),
    subscriber: connect(),
    turns,
    queue,
    runner,
    concurrency: 64,
    metrics: createMetrics(),
    logger,
  });
  atEnd(() => consumer.drain(0));
  return looks;
}

async function publishInto(chats: number) {
  const redis = connect();
  const queue = createWakeQueue(redis);
  atEnd(() => queue.close());
  const publisher = createPublisher({ redis, queue, maxMailbox: 100 });
  await Promise.all(
    Array.from({ length: chats }, (_, i) => {
      const envelope = anEnvelope({ chat: { id: `chat ${i}`, kind: 'direct' } });
      return publisher.publish(envelope, [envelope.message.id]);
    }),
  );
}

/** Those that scripts do within Redis included. */
async function commandsOf(redis: ReturnType<typeof connect>): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
}

test('a wait for the pace costs the same, however many wait', async () => {
  const sentAt: number[] = [];
  const looks = pacedWorker(sentAt);
  const redis = connect();
  const costOf = async (answers: number) => {
    sentAt.length = 0;
    looks.count = 0;
    const before = await commandsOf(redis);
    await publishInto(answers);
    await until('all of them', () => sentAt.length === answers, 60_000);
    return { commands: ((await commandsOf(redis)) - before) / answers, looks: looks.count / answers };
  };
  const few = await costOf(60);
  const many = await costOf(240);
  // The pace itself: never more in any second than its rate and its burst.
  const sorted = sentAt.toSorted((a, b) => a - b);
  const most = Math.max(...sorted.map((at) => sorted.filter((other) => other >= at && other < at + 1_000).length));
  expect(most).toBeLessThanOrEqual(BOT.perSecond + BOT.burst + 2);
  // Asked, told when, and back then; now and then one is late and is told once more.
  expect(many.looks).toBeLessThan(3);
  expect(many.commands).toBeLessThan(1.5 * few.commands);
}, 120_000);

test('what is put aside for the pace is left alone until then, by new messages and by the sweep', async () => {
  const redis = connect();
  const turns = createTurnStore(redis);
  const woken: string[] = [];
  const queue = { wake: async ({ id }: { id: string }) => void woken.push(id), close: async () => {} };
  const publisher = createPublisher({ redis, queue, maxMailbox: 100 });
  const first = anEnvelope();
  await publisher.publish(first, ['first']);
  await turns.claim(first.conversation, 'w');
  await turns.save(first.conversation, 'w', { state: 'answered' });
  await turns.release(first.conversation, 'w', 30_000);

  await publisher.publish(anEnvelope(), ['second']);
  const early = await turns.claim(first.conversation, 'w2');
  expect(early).toMatchObject({ status: 'empty' });
  expect(early.status === 'empty' && early.waitMs).toBeGreaterThan(29_000);
  expect(await redis.exists(keyOf('lock', first.conversation))).toBe(0);
  woken.length = 0;
  expect(await createSweeper(redis, queue, () => Date.now() + 20_000)()).toBe(0);
  // Its wake was lost: it is found soon after its time.
  expect(await createSweeper(redis, queue, () => Date.now() + 40_000)()).toBe(1);
  expect(woken).toEqual([first.conversation.id]);

  await redis.hset(keyOf('turn', first.conversation), 'parked', Date.now() - 1);
  const due = await turns.claim(first.conversation, 'w2');
  expect(due).toMatchObject({ status: 'head', head: { record: { state: 'answered', attempts: '2' } } });
});

test('a turn without an answer is not put aside: it may be stopped at any time', async () => {
  const redis = connect();
  const turns = createTurnStore(redis);
  const publisher = createPublisher({ redis, queue: { wake: async () => {} }, maxMailbox: 100 });
  const asked = anEnvelope();
  await publisher.publish(asked, ['asked']);
  await turns.claim(asked.conversation, 'w');
  await turns.release(asked.conversation, 'w', 30_000);
  expect(await turns.claim(asked.conversation, 'w')).toMatchObject({ status: 'head' });
});
