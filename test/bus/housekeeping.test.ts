import {
  connectRedis,
  createArchiveDrain,
  createBacklogGauge,
  createOwnRefs,
  createPublisher,
  createSweeper,
  createTurnStore,
  type Envelope,
  LOCK_MS,
} from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const logger = createLogger('silent');
let server: TestRedis;
let redis: ReturnType<typeof connectRedis>;
let woken: string[] = [];
const queue = {
  wake: async ({ id }: { id: string }) => {
    woken.push(id);
  },
  close: async () => {},
};

beforeAll(async () => {
  server = await startRedis({ cluster: true });
  redis = connectRedis(server.url, 'work', logger);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await server.flush();
  woken = [];
});

const inChat = (chat: string) => anEnvelope({ chat: { id: chat, kind: 'direct' } });
const publish = (envelope: Envelope) =>
  createPublisher({ redis, queue, maxMailbox: 10 }).publish(envelope, [envelope.message.id]);
const completion = (over: object = {}) => ({
  archiveRow: '{}',
  remember: [],
  historyKeep: 0,
  historyTtlMs: 1000,
  resetHistory: false,
  ownRefs: [],
  ...over,
});

test('the sweeper wakes what nobody works on, once its last sign of life is old, and not what has an owner', async () => {
  const [stranded, owned] = [inChat('a'), inChat('b')];
  await publish(stranded);
  await publish(owned);
  await createTurnStore(redis).claim(owned.conversation, 'w');
  woken = [];
  expect(await createSweeper(redis, queue)()).toBe(0);
  const later = () => Date.now() + LOCK_MS + 1;
  expect(await createSweeper(redis, queue, later)()).toBe(1);
  expect(woken).toEqual([stranded.conversation.id]);
  expect(await createSweeper(redis, queue, later)()).toBe(0);
});

test('the sweeper finds what a process with a wrong clock marked, however far ahead', async () => {
  const ahead = inChat('a');
  await publish({ ...ahead, receivedAt: Date.now() + 3_600_000 });
  woken = [];
  expect(await createSweeper(redis, queue)()).toBe(1);
  expect(woken).toEqual([ahead.conversation.id]);
  expect(await createSweeper(redis, queue)()).toBe(0);
});

test('the archive moves every finished turn once, and keeps what could not be written', async () => {
  const turns = createTurnStore(redis);
  for (let i = 0; i < 450; i++) {
    const envelope = inChat(`chat ${i}`);
    await publish(envelope);
    const claimed = await turns.claim(envelope.conversation, 'w');
    if (claimed.status === 'head') await turns.complete(claimed.head, 'w', completion({ archiveRow: String(i) }));
  }
  const drain = createArchiveDrain(redis);
  await expect(drain(() => Promise.reject(new Error('database away')))).rejects.toThrow('database away');
  const written: string[] = [];
  const write = async (rows: string[]) => void written.push(...rows);
  expect(await drain(write)).toBe(450);
  expect(written.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 450 }, (_, i) => i));
  expect(await drain(write)).toBe(0);
});

test('the backlog counts waiting messages of all conversations', async () => {
  const gauge = createBacklogGauge(redis);
  const envelopes = Array.from({ length: 20 }, (_, i) => inChat(`chat ${i}`));
  for (const envelope of envelopes) {
    const { shardDepth } = await publish(envelope);
    gauge.note(envelope.conversation.shard, shardDepth);
  }
  expect(gauge.total).toBe(20);
  const turns = createTurnStore(redis);
  const claimed = await turns.claim((envelopes[0] as Envelope).conversation, 'w');
  if (claimed.status === 'head') await turns.complete(claimed.head, 'w', completion());
  expect(await gauge.refresh()).toBe(19);
  // The finished turn lies in Redis until the database has it, so it counts against the bound.
  expect(gauge.total).toBe(20);
  await createArchiveDrain(redis)(async () => {});
  await gauge.refresh();
  expect(gauge.total).toBe(19);
});

test("the bot's own threads become known at once, even where a lookup had said no", async () => {
  const ownRefs = createOwnRefs(redis, connectRedis(server.url, 'work', logger));
  const envelope = inChat('channel');
  expect(await ownRefs.isOwn('acme-slack', 'channel', ['thread-1'])).toBe(false);
  await publish(envelope);
  const turns = createTurnStore(redis);
  const claimed = await turns.claim(envelope.conversation, 'w');
  if (claimed.status !== 'head') throw new Error('nothing waited');
  expect(await ownRefs.isOwn('acme-slack', 'channel', ['being-written'])).toBe(false);
  await turns.own(claimed.head, 'being-written');
  await until('a message is known before its turn ends', () =>
    ownRefs.isOwn('acme-slack', 'channel', ['being-written']),
  );
  await turns.complete(claimed.head, 'w', completion({ ownRefs: ['thread-1'] }));
  await until('the thread is known', () => ownRefs.isOwn('acme-slack', 'channel', ['other', 'thread-1']));
  expect(await ownRefs.isOwn('acme-slack', 'another chat', ['thread-1'])).toBe(false);
  expect(await ownRefs.isOwn('another-bot', 'channel', ['thread-1'])).toBe(false);
  await ownRefs.close();
});
