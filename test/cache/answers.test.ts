import { randomBytes } from 'node:crypto';
import { type CachedAnswer, type CacheKeyParts, createAnswerCache } from '@parley/core/answer-cache';
import { connectRedis, type RedisClient } from '@parley/core/bus';
import { createSealer } from '@parley/core/secrets';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis, until } from '../support/index.ts';

let server: TestRedis;
let redis: RedisClient;
const logger = createLogger('silent');
const sealer = createSealer(randomBytes(32));

beforeAll(async () => {
  server = await startRedis({ cluster: true });
  redis = connectRedis(server.url, 'publish', logger);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const cache = (over: object = {}) => createAnswerCache({ redis, sealer, maxBytes: 1_000_000, logger, ...over });
const parts = (question: string, over: Partial<CacheKeyParts> = {}): CacheKeyParts => ({
  tenant: 'acme',
  model: 'gpt',
  system: '',
  question,
  ...over,
});
const options = { ttlMs: 60_000, waitMs: 5_000, signal: new AbortController().signal };
const answer = (text: string): CachedAnswer => ({
  text,
  model: 'gpt',
  usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, estimated: false },
  finishReason: 'stop',
});

async function put(to: ReturnType<typeof cache>, what: CacheKeyParts, text: string): Promise<void> {
  const found = await to.lookup(what, options);
  if (found.status === 'miss') await found.put(answer(text));
}
const look = async (at: ReturnType<typeof cache>, what: CacheKeyParts) => {
  const found = await at.lookup(what, options);
  if (found.status === 'miss') found.abandon();
  return found.status === 'hit' ? [found.level, found.answer.text] : 'miss';
};

test('an answer is in memory here and in Redis for others, and Redis does not show it', async () => {
  const one = cache();
  await put(one, parts('levels'), 'the secret answer');
  expect(await look(one, parts('levels'))).toEqual(['memory', 'the secret answer']);
  const two = cache();
  expect(await look(two, parts('levels'))).toEqual(['redis', 'the secret answer']);
  expect(await look(two, parts('levels'))).toEqual(['memory', 'the secret answer']);
  const stored = await Promise.all((await redis.keys('parley:answers:*')).map((key) => redis.get(key)));
  expect(stored.join()).not.toContain('secret');
});

test('anything an answer depends on makes another key, the tenant above all', async () => {
  const one = cache();
  await put(one, parts('same'), 'x');
  for (const other of [
    { tenant: 'other' },
    { model: 'claude' },
    { system: 'Be brief.' },
    { question: 'same ' },
    { temperature: 0 },
    { maxOutputTokens: 5 },
    { parameters: { seed: 1 } },
  ])
    expect(await look(one, parts('same', other)), JSON.stringify(other)).toBe('miss');
  expect(await look(one, parts('same', { parameters: undefined }))).toEqual(['memory', 'x']);
});

test('a burst of one question is answered once, over two processes', async () => {
  const caches = [cache(), cache()];
  let made = 0;
  const texts = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const found = await (caches[i % 2] as ReturnType<typeof cache>).lookup(parts('burst'), options);
      if (found.status === 'hit') return found.answer.text;
      made++;
      await new Promise((resolve) => setImmediate(resolve));
      await found.put(answer('once'));
      return 'once';
    }),
  );
  expect(made).toBe(1);
  expect(new Set(texts)).toEqual(new Set(['once']));
});

test('an answer that another process stored while this one was looking is not made again', async () => {
  const other = cache();
  const making = await other.lookup(parts('just now'), options);
  const late = new Proxy(redis, {
    get(target, name) {
      if (name !== 'set') return Reflect.get(target, name);
      return async (...args: Parameters<RedisClient['set']>) => {
        if (making.status === 'miss') await making.put(answer('stored'));
        return target.set(...args);
      };
    },
  });
  expect(await look(cache({ redis: late }), parts('just now'))).toEqual(['redis', 'stored']);
});

test('when the one who makes it gives up, the next one makes it', async () => {
  const one = cache();
  const first = await one.lookup(parts('given up'), options);
  const second = one.lookup(parts('given up'), options);
  if (first.status === 'miss') first.abandon();
  expect((await second).status).toBe('miss');
});

test('who makes an answer for long is waited for; who dies meanwhile is not for long', async () => {
  const connection = connectRedis(server.url, 'publish', logger);
  await new Promise((resolve) => connection.once('ready', resolve));
  const first = await cache({ redis: connection }).lookup(parts('slow'), options);
  expect(first.status).toBe('miss');
  const lease = String((await redis.keys('parley:answers:*:lease'))[0]);
  const leftMs = () => redis.pttl(lease);
  // It is renewed: it has longer to go than it had a moment before.
  const least = await until('it to grow old', async () => ((await leftMs()) < 3_500 ? await leftMs() : undefined));
  await until('it to be renewed', async () => (await leftMs()) > least);
  connection.disconnect(); // as a process that is killed
  const long = { ...options, waitMs: 60_000 };
  expect((await cache().lookup(parts('slow'), long)).status).toBe('miss');
});

test('a purge reaches the other process too, and only that tenant', async () => {
  const [one, two] = [cache(), cache()];
  await put(one, parts('purged'), 'old');
  await put(one, parts('purged', { tenant: 'other' }), 'kept');
  await one.purge('acme');
  expect(await look(one, parts('purged'))).toBe('miss');
  expect(await look(two, parts('purged'))).toBe('miss');
  expect(await look(one, parts('purged', { tenant: 'other' }))).toEqual(['memory', 'kept']);
});

test('memory stays within its bound, and large answers are not kept', async () => {
  const small = cache({ maxBytes: 20_000 });
  for (let i = 0; i < 200; i++) {
    await put(small, parts(`fill ${i}`), 'x'.repeat(500));
    expect(small.bytes).toBeLessThanOrEqual(20_000);
  }
  expect(small.bytes).toBeGreaterThan(10_000);
  await put(small, parts('huge'), 'x'.repeat(70_000));
  expect(await look(small, parts('huge'))).toBe('miss');
});

test('without Redis it is a memory', async () => {
  const lonely = connectRedis('unix:///nowhere/redis.sock', 'publish', logger);
  const alone = cache({ redis: lonely });
  await put(alone, parts('alone'), 'here');
  expect(await look(alone, parts('alone'))).toEqual(['memory', 'here']);
  lonely.disconnect();
});
