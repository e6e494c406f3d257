import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TenantConfig } from '@parley/core/config';
import { type Quota, refusalText } from '@parley/core/quota';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis, until } from '../support/index.ts';
import { connect, ledgerOf, NOTHING_YET, quotaOver, request, tenant, usage } from './helpers.ts';

let server: TestRedis;
let redis: ReturnType<typeof connect>;

beforeAll(async () => {
  server = await startRedis({ cluster: true });
  redis = connect(server.url);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => server.flush());

const quota = () => quotaOver(redis);

/** Resolves with the admitted requests of several processes. */
async function race(processes: number, each: number, over: object, prices: object = {}): Promise<number> {
  const script = fileURLToPath(new URL('./reserver.ts', import.meta.url));
  const counts = Array.from({ length: processes }, async (_, i) => {
    const args = [script, server.url, `p${i}`, String(each), JSON.stringify({ over, prices })];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    return Number(out);
  });
  return (await Promise.all(counts)).reduce((a, b) => a + b, 0);
}

describe('under concurrency', () => {
  test('1,000 requests from four processes against a budget for 50 admit 50', async () => {
    // One dollar a request: 10 + 90 tokens at a cent each.
    const prices = { inputTokens: 10, maxOutputTokens: 90, inputPrice: 10_000, outputPrice: 10_000 };
    expect(await race(4, 250, { budget: { monthly_usd: 50 } }, prices)).toBe(50);
  });

  test('150 requests against 100 a minute admit exactly 100', async () => {
    expect(await race(2, 75, { limits: { minute: 100 } })).toBe(100);
  });

  test('every level holds at the same time', async () => {
    const of = tenant({
      limits: { hour: 9 },
      user_limits: { minute: 5 },
      model_limits: { gpt: { tokens_day: 1_000_000 } },
      platform_limits: { slack: { day: 7 } },
      group_limits: { minute: 3 },
    });
    const q = quota();
    const ask = (i: number, user: string, group?: string) =>
      q.reserve(request(`r${i}`, of, { subject: { tenant: of, platform: 'slack', user, group } }));
    const inGroup = await Promise.all([1, 2, 3, 4].map((i) => ask(i, 'alice', 'g')));
    expect(inGroup.filter(({ status }) => status === 'admitted')).toHaveLength(3);
    const alone = await Promise.all([5, 6, 7].map((i) => ask(i, 'alice')));
    expect(alone.filter(({ status }) => status === 'admitted')).toHaveLength(2);
    const others = await Promise.all([8, 9, 10].map((i) => ask(i, 'bob')));
    expect(others.filter(({ status }) => status === 'admitted')).toHaveLength(2);
    expect(others.find(({ status }) => status === 'refused')).toMatchObject({
      reason: 'quota',
      limit: { level: 'platform', window: 'day', name: 'slack', limit: 7 },
    });
  });
});

test('a budget of one user holds for that user alone, and tells who used it up', async () => {
  const of = tenant({ budget: { monthly_usd: 10, user_monthly_usd: 0.001, warn_at: [0.5] } });
  const q = quota();
  const ask = (id: string, user: string) => q.reserve(request(id, of, { subject: { ...subject, user }, ...cent }));
  const subject = { tenant: of, platform: 'slack' as const, user: '' };
  const cent = { inputTokens: 600, maxOutputTokens: 16, inputPrice: 1, outputPrice: 1 };
  const paid = { status: 'success' as const, model: 'gpt', usage: usage(600, 16), costMicroUsd: 616 };
  expect(await ask('a', 'alice')).toMatchObject({ status: 'admitted' });
  const settled = await q.settle({ requestId: 'a', tenant: 'acme', ...paid });
  expect(settled.warnings).toMatchObject([{ user: 'alice', share: 0.5, usedMicroUsd: 616, limitMicroUsd: 1000 }]);
  expect(await ask('b', 'alice')).toMatchObject({
    status: 'refused',
    reason: 'budget',
    limit: { level: 'user', window: 'month' },
    warnings: [{ user: 'alice', share: 1 }],
  });
  expect(await ask('c', 'bob')).toMatchObject({ status: 'admitted' });
});

test('an API key has limits of its own, whoever asks with it', async () => {
  const q = quota();
  const of = tenant({ user_limits: { minute: 100 } });
  const ask = (id: string, user: string, apiKey: string) => {
    const subject = { tenant: of, platform: 'api' as const, user, apiKey: { id: apiKey, limits: { tokens_day: 250 } } };
    return q.reserve(request(id, of, { subject }));
  };
  expect(await ask('a', 'alice', 'web')).toMatchObject({ status: 'admitted', maxOutputTokens: 100 });
  expect(await ask('b', 'bob', 'web')).toMatchObject({ status: 'admitted', maxOutputTokens: 100 });
  const limit = { level: 'api_key', name: 'web', window: 'day', unit: 'tokens', limit: 250 };
  expect(await ask('c', 'carol', 'web')).toMatchObject({ status: 'admitted', maxOutputTokens: 20 });
  expect(await ask('d', 'carol', 'web')).toMatchObject({ status: 'refused', reason: 'quota', limit });
  expect(await ask('e', 'carol', 'app')).toMatchObject({ status: 'admitted' });
});

describe('a reservation', () => {
  const priced = { inputPrice: 1, outputPrice: 2 };

  test('is given back for the same request id, held or settled', async () => {
    const of = tenant({ limits: { minute: 1 } });
    const q = quota();
    expect(await q.reserve(request('a', of))).toMatchObject({ status: 'admitted', repeated: false });
    expect(await q.reserve(request('a', of))).toMatchObject({
      status: 'admitted',
      repeated: true,
      maxOutputTokens: 100,
    });
    expect(await q.reserve(request('b', of))).toMatchObject({ status: 'refused', reason: 'rate' });
    const paid = {
      requestId: 'a',
      tenant: 'acme',
      status: 'success' as const,
      model: 'gpt',
      usage: usage(1, 1),
      costMicroUsd: 3,
    };
    expect((await q.settle(paid)).settled).toBe(true);
    expect((await q.settle(paid)).settled).toBe(false);
    expect(await q.reserve(request('a', of))).toMatchObject({ status: 'admitted', repeated: true });
    expect(await ledgerOf(q)).toHaveLength(1);
  });

  test('is settled by another process, which charges what was really used', async () => {
    const of = tenant({ budget: { monthly_usd: 1 } });
    await quota().reserve(request('a', of, priced));
    expect(await quota().snapshot({ tenant: of, platform: 'slack', user: 'alice' }, [])).toMatchObject([{ used: 210 }]);
    const other = quota();
    await other.settle({
      requestId: 'a',
      tenant: 'acme',
      status: 'aborted',
      model: 'gpt',
      usage: usage(10, 3),
      costMicroUsd: 16,
    });
    expect(await other.snapshot({ tenant: of, platform: 'slack', user: 'alice' }, [])).toMatchObject([{ used: 16 }]);
    expect(await ledgerOf(other)).toMatchObject([
      { requestId: 'a', status: 'aborted', outputTokens: 3, costMicroUsd: 16, user: 'alice', platform: 'slack' },
    ]);
    expect(await ledgerOf(other)).toEqual([]);
  });

  test('does not count when no model was reached, and costs nothing when the cache answered', async () => {
    const of = tenant({ limits: { minute: 2 }, budget: { monthly_usd: 1 } });
    const q = quota();
    await q.reserve(request('a', of, priced));
    await q.settle({ requestId: 'a', tenant: 'acme', status: 'failed', costMicroUsd: 0 });
    await q.reserve(request('b', of, priced));
    await q.settle({ requestId: 'b', tenant: 'acme', status: 'success', cached: true, costMicroUsd: 99 });
    const [minute, month] = await q.snapshot({ tenant: of, platform: 'slack', user: 'alice' }, []);
    expect(minute).toMatchObject({ used: 1, remaining: 1 });
    expect(month).toMatchObject({ used: 0 });
  });

  test('clamps the answer to the money that is left, and refuses when that is no answer', async () => {
    const of = tenant({ budget: { monthly_usd: 0.0001 } });
    const q = quota();
    expect(await q.reserve(request('a', of, { ...priced, maxOutputTokens: 1024 }))).toMatchObject({
      status: 'admitted',
      maxOutputTokens: 45,
    });
    const refused = await q.reserve(request('b', of, priced));
    expect(refused).toMatchObject({ status: 'refused', reason: 'budget', limit: { level: 'tenant', window: 'month' } });
    expect(await q.reserve(request('free', of))).toMatchObject({ status: 'admitted', maxOutputTokens: 100 });
    if (refused.status !== 'refused') return;
    expect(refusalText(refused, 'en', 'Asia/Shanghai')).toMatch(/budget is used up.*\$0\.0001.*Asia\/Shanghai/);
    expect(refusalText(refused, 'zh', 'Asia/Shanghai')).toContain('预算已用完');
  });

  test('that nobody settles ends, charges its known input and says that it is unreconciled', async () => {
    const of = tenant({ budget: { monthly_usd: 1 } });
    const q = quota();
    await q.reserve(request('dead', of, { ...priced, holdMs: 1 }));
    await until('the reaper', async () => (await q.reap(['acme'])) === 1);
    expect(await q.snapshot({ tenant: of, platform: 'slack', user: 'alice' }, [])).toMatchObject([{ used: 10 }]);
    expect(await ledgerOf(q)).toMatchObject([
      { requestId: 'dead', status: 'expired', unreconciled: true, costMicroUsd: 10 },
    ]);
    expect(
      (await q.settle({ requestId: 'dead', tenant: 'acme', status: 'success', model: 'gpt', costMicroUsd: 5 })).settled,
    ).toBe(false);
  });

  test('is reaped on the way of the next one', async () => {
    const of = tenant({ budget: { monthly_usd: 1 } });
    const q = quota();
    await q.reserve(request('dead', of, { ...priced, holdMs: 1 }));
    await until('its end', async () => {
      await q.reserve(request(`later-${Math.random()}`, of));
      return (await ledgerOf(q)).some(({ unreconciled }) => unreconciled);
    });
  });
});

/** A question that was paid for; what there is to warn of then. */
async function spent(q: Quota, { id, of, costMicroUsd }: { id: string; of: TenantConfig; costMicroUsd: number }) {
  await q.reserve(request(id, of));
  const settled = await q.settle({
    requestId: id,
    tenant: 'acme',
    status: 'success',
    model: 'gpt',
    usage: usage(1, 1),
    costMicroUsd,
  });
  return settled.warnings;
}

describe('budget warnings', () => {
  test('come once for each share, by what was really spent', async () => {
    const of = tenant({ budget: { monthly_usd: 0.001, warn_at: [0.5, 0.8] } });
    const spend = async (id: string, costMicroUsd: number) => {
      const warnings = await spent(quota(), { id, of, costMicroUsd });
      return warnings.map(({ share }) => share);
    };
    expect(await spend('a', 400)).toEqual([]);
    expect(await spend('b', 200)).toEqual([0.5]);
    expect(await spend('c', 100)).toEqual([]);
    expect(await spend('d', 500)).toEqual([0.8, 1]);
    expect(await spend('e', 500)).toEqual([]);
  });

  test('of a budget that is set in mid-month know what was spent before', async () => {
    const q = quota();
    const spend = async (id: string, of: TenantConfig) => {
      const warnings = await spent(q, { id, of, costMicroUsd: 300 });
      return warnings.map(({ share, usedMicroUsd }) => [share, usedMicroUsd]);
    };
    expect(await spend('a', tenant())).toEqual([]);
    expect(await spend('b', tenant({ budget: { monthly_usd: 0.001, warn_at: [0.5, 0.8] } }))).toEqual([[0.5, 600]]);
  });
});

describe('Redis', () => {
  test('emptied: the counters come back from the ledger, and until then nothing is reserved', async () => {
    const of = tenant({ budget: { monthly_usd: 0.001 } });
    let database: 'away' | 'there' = 'away';
    const q = quotaOver(redis, async () => {
      if (database === 'away') throw new Error('no database');
      return [{ level: 'tenant', requests: 5, tokens: 100, costMicroUsd: 1000 }];
    });
    await expect(q.reserve(request('a', of, { inputPrice: 1 }))).rejects.toMatchObject({ code: 'unavailable' });
    database = 'there';
    expect(await q.reserve(request('a', of, { inputPrice: 1 }))).toMatchObject({ status: 'refused', reason: 'budget' });
  });

  test('another time zone: what this month has cost counts in it too, and once, there and back', async () => {
    const sums = { level: 'tenant' as const, requests: 5, tokens: 100, costMicroUsd: 0 };
    const q = quotaOver(redis, async () => [sums]);
    const budget = { monthly_usd: 0.01 };
    const usedIn = async (timezone: string, id: string) => {
      const of = tenant({ budget, timezone });
      await q.reserve(request(id, of));
      const [state] = await q.snapshot({ tenant: of, platform: 'slack', user: 'alice' }, []);
      return state?.used;
    };
    const [west, east] = ['America/Los_Angeles', 'Asia/Shanghai'];
    expect(await usedIn(west, 'a')).toBe(0);
    await q.settle({
      requestId: 'a',
      tenant: 'acme',
      status: 'success',
      model: 'gpt',
      usage: usage(1, 1),
      costMicroUsd: 70,
    });
    sums.costMicroUsd = 70;
    expect(await usedIn(east, 'b')).toBe(70);
    expect(await usedIn(east, 'c')).toBe(70);
    sums.costMicroUsd = 90;
    expect(await usedIn(west, 'd')).toBe(90);
  });

  test('emptied in the middle of a request: what it cost is still written', async () => {
    const of = tenant({ budget: { monthly_usd: 1 } });
    const q = quota();
    await q.reserve(request('a', of));
    await server.flush();
    await q.settle({
      requestId: 'a',
      tenant: 'acme',
      status: 'success',
      model: 'gpt',
      usage: usage(5, 5),
      costMicroUsd: 70,
    });
    expect(await ledgerOf(q)).toMatchObject([{ requestId: 'a', costMicroUsd: 70 }]);
    await q.reserve(request('b', of));
    expect(await q.snapshot({ tenant: of, platform: 'slack', user: 'alice' }, [])).toMatchObject([{ used: 70 }]);
  });

  test('away: fails closed', async () => {
    const lonely = connect('unix:///nowhere/redis.sock');
    const failing = quotaOver(lonely, NOTHING_YET).reserve(request('a', tenant()));
    await expect(failing).rejects.toMatchObject({ code: 'unavailable' });
    lonely.disconnect();
  });

  test('a cluster finds all keys of a tenant in one slot', async () => {
    await quota().reserve(request('a', tenant({ limits: { minute: 5 }, budget: { monthly_usd: 1 } })));
    const raw = new Redis({ path: server.url.replace('unix://', '') });
    const keys = await raw.keys('*');
    raw.disconnect();
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.filter((key) => !key.includes('{t:acme}'))).toEqual([]);
  });
});

test('a tenant of thousands of users comes back from the ledger, to the last token', async () => {
  const users = Array.from({ length: 9_000 }, (_, i) => `user${i}`);
  const used = 9_007_199_254_740;
  const q = quotaOver(redis, async () =>
    users.map((name) => ({
      level: 'user' as const,
      name,
      platform: 'slack',
      requests: 1,
      tokens: used,
      costMicroUsd: 0,
    })),
  );
  const limited = tenant({ user_limits: { tokens_day: used + 200 } });
  const asked = (id: string) =>
    q.reserve(request(id, limited, { subject: { tenant: limited, platform: 'slack', user: 'user8999' } }));
  expect(await asked('a')).toMatchObject({ status: 'admitted' });
  const [last] = await q.snapshot({ tenant: limited, platform: 'slack', user: 'user8998' }, []);
  expect(last).toMatchObject({ used });
});
