import type { Quota } from '@parley/core/quota';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/index.ts';
import { connect, ledgerOf, quotaOver, request, tenant, usage } from './helpers.ts';

let server: TestRedis;
let redis: ReturnType<typeof connect>;
let quota: Quota;

beforeAll(async () => {
  server = await startRedis();
  redis = connect(server.url);
  await new Promise((resolve) => redis.once('ready', resolve));
  quota = quotaOver(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const used = async (of: ReturnType<typeof tenant>) => {
  const [money] = await quota.snapshot({ tenant: of, platform: 'slack', user: 'alice' }, []);
  return money?.used ?? -1;
};

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      input: fc.nat(300),
      output: fc.nat(600),
      hold: fc.constantFrom(1, 60_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat(20),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      reached: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reap' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which: fc.nat(20) }) },
);

test('whatever happens, what is counted is what was spent and what is held, and the budget holds', async () => {
  const BUDGET = 5_000;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const id = `t${runs++}`;
      const of = tenant({ id, budget: { monthly_usd: BUDGET / 1_000_000 } });
      /** Reservations that nobody has settled: what they hold at most. */
      const open = new Map<string, number>();
      let spent = 0;
      const take = async (name: string, input: number, output: number, holdMs: number) => {
        const over = { inputTokens: input, maxOutputTokens: output, inputPrice: 1, outputPrice: 2, holdMs };
        return quota.reserve(request(name, of, { ...over, subject: { tenant: of, platform: 'slack', user: 'alice' } }));
      };
      for (const [i, one] of steps.entries()) {
        if (one.kind === 'reserve') {
          const result = await take(`${id}-${i}`, one.input, one.output, one.hold);
          if (result.status === 'admitted') open.set(`${id}-${i}`, one.input + 2 * result.maxOutputTokens);
        } else if (one.kind === 'settle') {
          const name = [...open.keys()][one.which];
          if (name === undefined) continue;
          const costMicroUsd = Math.floor((open.get(name) ?? 0) * one.share);
          const outcome = one.reached
            ? { model: 'gpt', usage: usage(1, 1), costMicroUsd, status: 'success' as const }
            : { costMicroUsd: 0, status: 'failed' as const };
          const { settled } = await quota.settle({ requestId: name, tenant: id, ...outcome });
          if (settled && one.reached) spent += costMicroUsd;
          if (settled) open.delete(name);
        } else if (one.kind === 'reap') await quota.reap([id]);
        else {
          const name = [...open.keys()][one.which];
          if (name) expect(await take(name, 1, 1, 1)).toMatchObject({ status: 'admitted', repeated: true });
        }
      }
      // Everything that is still open ends: what expired was charged its input by the reaper, the rest settles at nothing.
      for (const name of open.keys())
        await quota.settle({ requestId: name, tenant: id, status: 'aborted', costMicroUsd: 0 });
      const rows = await ledgerOf(quota, [id]);
      const charged = rows.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
      const expired = rows.filter(({ status }) => status === 'expired').reduce((sum, row) => sum + row.costMicroUsd, 0);
      expect(charged).toBe(spent + expired);
      expect(charged).toBeLessThanOrEqual(BUDGET);
      expect(await used(of)).toBe(charged);
      expect(new Set(rows.map(({ requestId }) => requestId)).size).toBe(rows.length);
    }),
    { numRuns: 40 },
  );
});

test('use far above what is usual is told, once an hour', async () => {
  const of = tenant({ id: 'busy', anomaly: { factor: 3, min_tokens: 100 } });
  const spend = async (name: string, tokens: number) => {
    await quota.reserve(request(name, of));
    const used = { model: 'gpt', usage: usage(tokens, 0), costMicroUsd: 0 };
    return (await quota.settle({ requestId: name, tenant: 'busy', status: 'success', ...used })).anomaly;
  };
  // Three quiet hours, as this hub would have written them.
  const hour = Math.floor(Date.now() / 3_600_000);
  await redis.hset('parley:{t:busy}:usual', 'user:alice', JSON.stringify({ h: hour - 1, c: 50, m: 50, n: 3 }));
  expect(await spend('a', 120)).toBeUndefined();
  expect(await spend('b', 60)).toEqual({
    tenant: 'busy',
    kind: 'user',
    name: 'alice',
    tokensThisHour: 180,
    usualTokens: 50,
  });
  expect(await spend('c', 500)).toBeUndefined();
});
