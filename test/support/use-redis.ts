import { connectRedis, type RedisClient } from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { startRedis, type TestRedis } from './redis.ts';

/** A real Redis for the tests of one file, empty before each of them. */
export function useRedis(options?: Parameters<typeof startRedis>[0]) {
  const closing: (() => unknown)[] = [];
  let server: TestRedis;
  let redis: RedisClient;
  const open = () => connectRedis(server.url, 'work', createLogger('silent'));

  beforeAll(async () => {
    server = await startRedis(options);
    redis = open();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => server.flush());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  return {
    /** The connection of the whole file. */
    redis: () => redis,
    /** What the test is to end with; the last comes first. */
    atEnd: (close: () => unknown) => void closing.push(close),
    /** Another connection, for this test. */
    connect(): RedisClient {
      const another = open();
      closing.push(() => another.disconnect());
      return another;
    },
  };
}
