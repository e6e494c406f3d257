import { connect } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, expect, test, vi } from 'vitest';
import { startHub, until } from '../support/index.ts';
import { createCleanup } from './helpers/cleanup.ts';

/** SIGTERM ends the hub in time, whatever it cannot get done. */
const cleanup = createCleanup();
afterAll(() => cleanup.run());

// Without a bound these would wait for ever; with it, for the drain time and the few seconds it takes to let go.
vi.setConfig({ testTimeout: 60_000 });

async function start() {
  // A bot that polls: its connection belongs to one process by a lease in Redis, which has to be given back.
  const telegram = { TELEGRAM_BOT_TOKEN: '123456:drain', TELEGRAM_API_BASE_URL: 'http://127.0.0.1:9' };
  const hub = cleanup.add(await startHub({ env: { PARLEY_DRAIN_SECONDS: '1', ...telegram } }));
  await until('the bot has its connection', () => hub.logs.some(({ msg }) => msg === 'long connection starts here'));
  return hub;
}

test('with Redis away there is nobody to hand anything back to', async () => {
  const hub = await start();
  const redis = new Redis({ path: join(hub.dataDir, 'redis', 'redis.sock'), retryStrategy: () => null });
  await redis.shutdown('NOSAVE').catch(() => undefined); // the server hangs up instead of answering
  await until('the hub has noticed', () => hub.logs.some(({ msg }) => msg === 'redis connection trouble'));
  expect(await hub.terminate()).toBe(0);
});

test('a request that never arrives whole is cut off', async () => {
  const hub = await start();
  const { hostname, port } = new URL(hub.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write('POST /webhooks/slack/bot HTTP/1.1\r\nhost: hub\r\ncontent-length: 99\r\n\r\n{');
  // A second one, which is answered, tells that the first was begun.
  expect((await fetch(`${hub.url}/health`)).status).toBe(200);
  expect(await hub.terminate()).toBe(0);
  expect(hub.logs.at(-1)?.msg).toBe('stopped');
});
