import { connectRedis, createTurnStore } from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const logger = createLogger('silent');
let server: TestRedis;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

test('a write that meets a replica waits for its connection to lead to a primary again', async () => {
  const [redis, admin] = [connectRedis(server.url, 'work', logger), connectRedis(server.url, 'work', logger)];
  const turns = createTurnStore(redis);
  await admin.call('REPLICAOF', '127.0.0.1', '1');
  const reconnected = new Promise((resolve) => redis.once('reconnecting', resolve));
  const writes = [redis.set('written', 'after'), turns.claim(anEnvelope().conversation, 'w')];
  await reconnected;
  await admin.call('REPLICAOF', 'NO', 'ONE');
  expect(await Promise.all(writes)).toEqual(['OK', { status: 'empty' }]);
  expect(await redis.get('written')).toBe('after');
  redis.disconnect();
  admin.disconnect();
});
