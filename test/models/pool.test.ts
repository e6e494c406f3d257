import { connectRedis } from '@parley/core/bus';
import { type ModelConfig, modelSchema } from '@parley/core/config';
import { type ErrorCode, ParleyError } from '@parley/core/errors';
import { createPool, type PickOptions, type Pool, type RouteResult } from '@parley/core/pool';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis, until } from '../support/index.ts';

/** Keys, endpoints and breakers: what one answer learns, all others know. */
const logger = createLogger('silent');
const KEYS = ['key-one', 'key-two', 'key-three'];
const ENDPOINTS = [
  { base_url: 'https://us.example/v1', region: 'us' },
  { base_url: 'https://eu.example/v1', region: 'eu' },
];
const model = (over: object = {}): ModelConfig =>
  modelSchema.parse({ id: 'gpt', provider: 'openai', keys: KEYS, endpoints: ENDPOINTS, ...over });

const options = (over: Partial<PickOptions> = {}): PickOptions => ({
  tenant: 'acme',
  regions: [],
  affinity: 'conversation',
  tried: [],
  badEndpoints: new Set(),
  signal: new AbortController().signal,
  deadlineAt: Date.now() + 60_000,
  ...over,
});
const failed = (code: ErrorCode, retryAfterMs?: number): RouteResult => ({
  status: 'failed',
  error: new ParleyError(code, code, { retryAfterMs }),
});
const fine = (firstTokenMs = 100): RouteResult => ({ status: 'success', firstTokenMs });

/** Takes a way and ends it like this; resolves with the way, or why there is none. */
async function take(pool: Pool, of: ModelConfig, result: RouteResult, over: Partial<PickOptions> = {}) {
  const picked = await pool.pick(of, options(over));
  if (picked.status === 'none') return picked;
  picked.lease.done(result);
  return picked.lease.route;
}
const clock = () => {
  let now = 1_000_000;
  const pass = (ms: number) => {
    now += ms;
  };
  return { now: () => now, pass };
};
const poolAt = (now: () => number) => createPool({ logger, now, random: () => 0.5 });

describe('keys', () => {
  test('a conversation stays on its key, and others spread', async () => {
    const pool = poolAt(Date.now);
    const keyOf = async (affinity: string) => {
      const route = await take(pool, model(), fine(), { affinity });
      return 'keyIndex' in route ? route.keyIndex : undefined;
    };
    expect(new Set(await Promise.all(Array.from({ length: 5 }, () => keyOf('one')))).size).toBe(1);
    expect(new Set(await Promise.all(Array.from({ length: 40 }, (_, i) => keyOf(`c${i}`)))).size).toBe(3);
  });

  test('a throttled key rests as long as it was told, another one answers', async () => {
    const { now, pass } = clock();
    const pool = poolAt(now);
    const of = model({ keys: KEYS.slice(0, 2), endpoints: [] });
    const first = await take(pool, of, failed('model_rate_limited', 7_000));
    expect(await take(pool, of, failed('model_rate_limited', 9_000))).not.toEqual(first);
    expect(await take(pool, of, fine())).toEqual({ status: 'none', code: 'model_rate_limited', retryAfterMs: 7_000 });
    pass(7_001);
    expect(await take(pool, of, fine())).toEqual(first);
  });

  test('without being told, each refusal doubles the rest up to five minutes', async () => {
    const { now, pass } = clock();
    const pool = poolAt(now);
    const of = model({ keys: ['only'], endpoints: [] });
    const rests = [];
    for (let i = 0; i < 9; i++) {
      await take(pool, of, failed('model_rate_limited'));
      const none = await take(pool, of, fine());
      rests.push('retryAfterMs' in none ? none.retryAfterMs : 0);
      pass(300_001);
    }
    expect(rests).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  test('a bad key is not gone back to while there is another one', async () => {
    const { now, pass } = clock();
    const pool = poolAt(now);
    const of = model({ keys: KEYS.slice(0, 2), endpoints: [] });
    const bad = await take(pool, of, failed('model_auth'));
    for (let i = 0; i < 20; i++) {
      pass(20_000);
      expect(await take(pool, of, fine())).not.toEqual(bad);
    }
    pass(600_000);
    expect(await take(pool, of, fine())).toEqual(bad);
  });

  test('names of keys are fingerprints wherever somebody looks', async () => {
    const pool = poolAt(Date.now);
    await take(pool, model(), fine());
    expect(JSON.stringify(pool.health())).not.toMatch(/key-(one|two|three)/);
  });
});

describe('endpoints', () => {
  test('the fastest answers; a tenant of one region never leaves it', async () => {
    const pool = poolAt(Date.now);
    await take(pool, model(), fine(900), { regions: ['us'] });
    await take(pool, model(), fine(100), { regions: ['eu'] });
    expect(await take(pool, model(), fine(100))).toMatchObject({ name: 'eu' });
    expect(await take(pool, model(), fine(900), { regions: ['us'] })).toMatchObject({ name: 'us' });
    expect(await take(pool, model(), fine(), { regions: ['cn'] })).toMatchObject({ code: 'no_model_available' });
    expect(await take(pool, model({ endpoints: [] }), fine(), { regions: ['eu'] })).toMatchObject({ status: 'none' });
  });

  test('half of the requests failing opens the breaker; one probe closes it', async () => {
    const { now, pass } = clock();
    const pool = poolAt(now);
    const of = model({ keys: ['only'], endpoints: [] });
    for (let i = 0; i < 10; i++) await take(pool, of, i % 2 ? fine() : failed('model_overloaded'));
    expect(await take(pool, of, failed('model_timeout'))).toMatchObject({ keyIndex: 0 });
    expect(await take(pool, of, fine())).toMatchObject({
      status: 'none',
      code: 'model_overloaded',
      retryAfterMs: 10_000,
    });
    pass(10_001);
    const probe = await pool.pick(of, options());
    expect(await take(pool, of, fine())).toMatchObject({ status: 'none' });
    if (probe.status === 'route') probe.lease.done(fine());
    expect(await take(pool, of, fine())).toMatchObject({ keyIndex: 0 });
  });

  test.each<ErrorCode>([
    'budget_exceeded',
    'blocked',
    'model_content_filtered',
    'model_invalid_request',
    'model_aborted',
    'model_context_too_long',
  ])('%s says nothing about the endpoint', async (code) => {
    const pool = poolAt(Date.now);
    const of = model({ keys: ['only'], endpoints: [] });
    for (let i = 0; i < 30; i++) await take(pool, of, failed(code));
    expect(await take(pool, of, fine())).toMatchObject({ keyIndex: 0 });
  });

  test('with all places taken the tenants get their turn one after the other', async () => {
    const pool = poolAt(Date.now);
    const of = model({ keys: ['only'], endpoints: [], max_concurrency: 1 });
    const first = await pool.pick(of, options());
    const order: string[] = [];
    const wait = async (tenant: string) => {
      const picked = await pool.pick(of, options({ tenant }));
      order.push(tenant);
      if (picked.status === 'route') picked.lease.done(fine());
    };
    const waiting = ['a', 'a', 'a', 'b', 'c'].map(wait);
    const gone = new AbortController();
    const leaver = pool.pick(of, options({ tenant: 'd', signal: gone.signal }));
    gone.abort();
    await expect(leaver).rejects.toMatchObject({ code: 'model_aborted' });
    if (first.status === 'route') first.lease.done(fine());
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a']);
    await expect(
      (async () => {
        const held = await pool.pick(of, options());
        expect(held.status).toBe('route');
        return pool.pick(of, options({ deadlineAt: Date.now() }));
      })(),
    ).rejects.toMatchObject({ code: 'model_overloaded' });
  });
});

describe('several processes', () => {
  let server: TestRedis;
  const pools: Pool[] = [];
  const clients: ReturnType<typeof connectRedis>[] = [];
  beforeAll(async () => {
    server = await startRedis();
    for (let i = 0; i < 2; i++) {
      const redis = connectRedis(server.url, 'publish', logger);
      await new Promise((resolve) => redis.once('ready', resolve));
      clients.push(redis);
      pools.push(createPool({ redis, logger, random: () => 0.5 }));
    }
  });
  afterAll(async () => {
    for (const pool of pools) await pool.close();
    for (const client of clients) client.disconnect();
    await server.stop();
  });

  test('know of a key that rests and of an open breaker; Redis holds no key', async () => {
    const [one, two] = pools as [Pool, Pool];
    const of = model({ keys: ['only-key'], endpoints: [] });
    await take(one, of, failed('model_rate_limited', 60_000));
    await until('the other to know', async () => {
      const picked = await take(two, of, fine());
      return 'status' in picked && picked.code === 'model_rate_limited';
    });
    const other = model({ id: 'other', keys: ['only-key'], endpoints: [] });
    for (let i = 0; i < 12; i++) await take(one, other, failed('model_overloaded'));
    await until('the other to know', async () => 'status' in (await take(two, other, fine())));
    expect(JSON.stringify(await clients[0]?.hgetall('parley:pool'))).not.toContain('only-key');
  });
});
