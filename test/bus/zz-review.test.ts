import {
  connectRedis,
  createLeases,
  createPublisher,
  createSweeper,
  createTurnStore,
  createWakeQueue,
} from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

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
  server = await startRedis();
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
const publisher = () => createPublisher({ redis, queue, maxMailbox: 10 });
test('surrogate', async () => {
  const a = { ...anEnvelope({ text: 'broken \ud83d' }), merge: 8 };
  const b = { ...anEnvelope({ text: 'two' }), merge: 3 };
  await publisher().publish(a, ['a'], 'newer');
  await publisher().publish(b, ['b'], 'newer');
  const claimed = await createTurnStore(redis).claim(a.conversation, 'w');
  expect(claimed.status).toBe('head');
});
test('clock ahead', async () => {
  const a = anEnvelope();
  await publisher().publish({ ...a, receivedAt: Date.now() + 3_600_000 }, ['a']);
  woken = [];
  expect(await createSweeper(redis, queue)()).toBe(1);
});
test('readonly', async () => {
  const admin = connectRedis(server.url, 'work', logger);
  await redis.set('x', '1');
  await admin.call('REPLICAOF', '127.0.0.1', '1');
  const wrote = redis.set('x', '2');
  wrote.catch(() => {});
  await new Promise((r) => setTimeout(r, 300));
  await admin.call('REPLICAOF', 'NO', 'ONE');
  await expect(wrote).resolves.toBe('OK');
  admin.disconnect();
});
test('lease overlap in one process', async () => {
  const leases = createLeases({ redis, owner: 'p', logger, leaseMs: 300 });
  let holding = 0;
  let max = 0;
  const work =
    (slow: number) =>
    async ({ signal }: { signal: AbortSignal }) => {
      holding++;
      max = Math.max(max, holding);
      await new Promise<void>((r) => signal.addEventListener('abort', () => r(), { once: true }));
      await new Promise((r) => setTimeout(r, slow));
      holding--;
    };
  const s1 = new AbortController();
  const s2 = new AbortController();
  const e1 = leases.runExclusive('c', work(200), s1.signal);
  await new Promise((r) => setTimeout(r, 100));
  s1.abort();
  const e2 = leases.runExclusive('c', work(0), s2.signal);
  await new Promise((r) => setTimeout(r, 800));
  s2.abort();
  await e1;
  await e2;
  expect(max).toBe(1);
});
test('script flush under autopipelining', async () => {
  const q = createWakeQueue(redis);
  for (let i = 0; i < 3; i++) {
    await Promise.all(
      Array.from({ length: 5 }, (_, j) => {
        const e = anEnvelope();
        return createPublisher({ redis, queue: q, maxMailbox: 100 }).publish(e, [`k${i}-${j}`]);
      }),
    );
    await redis.script('FLUSH');
  }
  await q.close();
});
