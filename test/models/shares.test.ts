import { connectRedis, type RedisClient } from '@parley/core/bus';
import { type ModelConfig, modelSchema } from '@parley/core/config';
import { createPool, type Pool, type RouteLease } from '@parley/core/pool';
import { createLogger } from '@parley/core/telemetry';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SHARES_SCRIPT } from '../../core/src/pool/shares-script.ts';
import { startRedis, type TestRedis, until } from '../support/index.ts';

/** Requests under way at one endpoint, bounded over all processes. */
const logger = createLogger('silent');
let server: TestRedis;
const pools: Pool[] = [];
const clients: RedisClient[] = [];

beforeAll(async () => {
  server = await startRedis({ cluster: true });
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(() => server.stop());

async function connect({ url } = server): Promise<RedisClient> {
  const redis = connectRedis(url, 'publish', logger);
  await new Promise((resolve) => redis.once('ready', resolve));
  clients.push(redis);
  return redis;
}

/** A process of the hub, as far as models are concerned. */
async function startPool(shares: { leaseMs?: number; renewMs?: number; retryMs?: number } = {}): Promise<Pool> {
  const redis = await connect();
  const pool = createPool({ redis, logger, random: () => 0.5, shares: { renewMs: 50, retryMs: 10, ...shares } });
  pools.push(pool);
  return pool;
}

let models = 0;
const model = (max_concurrency: number): ModelConfig =>
  modelSchema.parse({ id: `m${models++}`, provider: 'openai', keys: ['sk'], max_concurrency });

/** Counts what is under way, over all processes, and keeps each request until it is told to end. */
function createEndpoint(of: ModelConfig) {
  const open: RouteLease[] = [];
  let most = 0;
  return {
    open,
    most: () => most,
    async enter(pool: Pool, tenant = 'acme', waitMs = 30_000): Promise<RouteLease> {
      const picked = await pool.pick(of, {
        tenant,
        regions: [],
        affinity: 'a',
        tried: [],
        badEndpoints: new Set(),
        signal: new AbortController().signal,
        deadlineAt: Date.now() + waitMs,
      });
      if (picked.status === 'none') throw new Error(picked.code);
      open.push(picked.lease);
      most = Math.max(most, open.length);
      return picked.lease;
    },
    leave(lease: RouteLease): void {
      open.splice(open.indexOf(lease), 1);
      lease.done({ status: 'success', firstTokenMs: 1 });
    },
  };
}

test('two processes together never have more under way than the bound, and both get their turn', async () => {
  const endpoint = createEndpoint(model(10));
  const both = [await startPool(), await startPool()];
  const served = [0, 0];
  const ask = async (index: number) => {
    const lease = await endpoint.enter(both[index] as Pool);
    await new Promise((resolve) => setTimeout(resolve, 5));
    endpoint.leave(lease);
    served[index] = (served[index] ?? 0) + 1;
  };
  let left = 0;
  await Promise.all(
    Array.from({ length: 600 }, async (_, i) => {
      await ask(i % 2);
      // Neither waits until the other has no more to do.
      if (i % 2 === 0 && left === 0) left = served[1] ?? 0;
    }),
  );
  expect(endpoint.most()).toBeLessThanOrEqual(10);
  expect(endpoint.most()).toBeGreaterThan(7);
  expect(served).toEqual([300, 300]);
});

test.each([1, 2])('of %s place(s) each of three processes gets one in the end', async (bound) => {
  const endpoint = createEndpoint(model(bound));
  const all = [await startPool(), await startPool(), await startPool()];
  const first = await endpoint.enter(all[0] as Pool);
  const waiting = all.map((pool) => endpoint.enter(pool).then((lease) => endpoint.leave(lease)));
  await until('somebody to wait', () => all.some((pool) => pool.health().some(({ inFlight }) => inFlight > 0)));
  endpoint.leave(first);
  await Promise.all(waiting);
  expect(endpoint.most()).toBeLessThanOrEqual(bound);
});

test('a process that is busy gets what the others do not need', async () => {
  const endpoint = createEndpoint(model(100));
  const [busy, idle] = [await startPool(), await startPool()];
  endpoint.leave(await endpoint.enter(idle));
  await Promise.all(Array.from({ length: 85 }, () => endpoint.enter(busy)));
  expect(endpoint.open).toHaveLength(85);
  // And what it does not need any more goes to the others.
  for (const lease of endpoint.open.slice(0, 80)) endpoint.leave(lease);
  await Promise.all(Array.from({ length: 80 }, () => endpoint.enter(idle)));
  expect(endpoint.open).toHaveLength(85);
});

test('far from the bound a question asks nobody', async () => {
  const endpoint = createEndpoint(model(256));
  const pool = await startPool({ renewMs: 60_000 });
  await startPool({ renewMs: 60_000 });
  endpoint.leave(await endpoint.enter(pool));
  const observer = await connect();
  const calls = async () => {
    const stats = await (observer as { info(section: string): Promise<string> }).info('commandstats');
    return ['eval', 'evalsha'].reduce(
      (sum, name) => sum + Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0),
      0,
    );
  };
  const before = await calls();
  for (let round = 0; round < 50; round++) {
    const leases = await Promise.all(Array.from({ length: 16 }, () => endpoint.enter(pool)));
    for (const lease of leases) endpoint.leave(lease);
  }
  expect(await calls()).toBe(before);
});

test('what a process held that died is free again soon', async () => {
  const endpoint = createEndpoint(model(8));
  const dying = await startPool({ leaseMs: 500 });
  await Promise.all(Array.from({ length: 8 }, () => endpoint.enter(dying)));
  clients[0]?.disconnect();
  const other = await startPool({ leaseMs: 500 });
  await Promise.all(Array.from({ length: 8 }, () => endpoint.enter(other)));
  expect(endpoint.open).toHaveLength(16); // eight of them belong to the dead
});

test('one that ends gives its places back at once', async () => {
  const endpoint = createEndpoint(model(4));
  const ending = await startPool();
  for (const lease of await Promise.all(Array.from({ length: 4 }, () => endpoint.enter(ending)))) endpoint.leave(lease);
  await ending.close();
  const other = await startPool({ retryMs: 60_000 });
  await Promise.all(Array.from({ length: 4 }, () => endpoint.enter(other)));
});

test('a bound that is changed holds from then on', async () => {
  const before = model(2);
  const endpoint = createEndpoint(before);
  const pool = await startPool();
  await Promise.all([endpoint.enter(pool), endpoint.enter(pool)]);
  await expect(endpoint.enter(pool, 'acme', 100)).rejects.toMatchObject({ code: 'model_overloaded' });
  const wider = createEndpoint({ ...before, max_concurrency: 5 });
  await Promise.all(Array.from({ length: 3 }, () => wider.enter(pool)));
});

test('while Redis is away everybody goes on with a part of the bound', async () => {
  const own = await startRedis();
  try {
    const start = async () => {
      const redis = await connect(own);
      const pool = createPool({ redis, logger, shares: { leaseMs: 300, renewMs: 30, retryMs: 10 } });
      pools.push(pool);
      return pool;
    };
    const endpoint = createEndpoint(model(8));
    const both = [await start(), await start()];
    const observer = await connect(own);
    /** Resolves when every one of so many processes has asked for its share anew. */
    const haveAsked = async (processes: number) => {
      const shares = async () => Object.entries(await observer.hgetall(String(await observer.keys('parley:shares:*'))));
      const before = new Map(await shares());
      await until('all to ask', async () => {
        const now = await shares();
        return now.length === processes && now.every(([name, share]) => before.get(name) !== share);
      });
    };
    for (const pool of both) endpoint.leave(await endpoint.enter(pool));
    await haveAsked(both.length);
    await haveAsked(both.length); // each knows the answer to the time before: it has heard of the other
    await own.kill();
    await Promise.all(both.flatMap((pool) => Array.from({ length: 4 }, () => endpoint.enter(pool))));
    for (const pool of both)
      await expect(endpoint.enter(pool, 'acme', 500)).rejects.toMatchObject({ code: 'model_overloaded' });
    expect(endpoint.most()).toBe(8);
  } finally {
    await own.stop();
  }
});

describe('the script', () => {
  interface Process {
    limit: number;
    taken: number;
    waiting: number;
  }
  const step = fc.record({
    who: fc.nat(4),
    what: fc.constantFrom('come', 'come', 'come', 'leave', 'ask', 'ask', 'die'),
  });

  test('whatever the processes do, nobody takes more than there is, and in the end everybody is served', async () => {
    const redis = await connect();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 60 }), async (bound, steps) => {
        const key = `parley:shares:test-${runs++}`;
        const processes: Process[] = Array.from({ length: 5 }, () => ({ limit: 0, taken: 0, waiting: 0 }));
        const seat = (one: Process) => {
          while (one.waiting > 0 && one.taken < one.limit) {
            one.waiting--;
            one.taken++;
          }
        };
        const ask = async (who: number) => {
          const one = processes[who] as Process;
          const args = [`p${who}`, bound, one.taken + one.waiting, one.taken, 60_000, 1];
          const [limit = 0] = (await redis.eval(SHARES_SCRIPT, 1, key, ...args)) as number[];
          one.limit = limit;
          seat(one);
        };
        const check = async () => {
          const held = Object.values(await redis.hgetall(key)).map((entry) => Number(entry.split(' ')[0]));
          expect(held.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(bound);
          expect(processes.reduce((sum, { taken }) => sum + taken, 0)).toBeLessThanOrEqual(bound);
        };
        for (const { who, what } of steps) {
          const one = processes[who] as Process;
          if (what === 'come') {
            one.waiting++;
            seat(one);
          } else if (what === 'leave' && one.taken > 0) {
            one.taken--;
            seat(one);
          } else if (what === 'die') {
            await redis.hdel(key, `p${who}`);
            Object.assign(one, { limit: 0, taken: 0, waiting: 0 });
          } else await ask(who);
          await check();
        }
        // From now on everybody asks now and then, and what is under way ends.
        for (let round = 0; processes.some(({ taken, waiting }) => taken + waiting > 0); round++) {
          expect(round).toBeLessThan(500);
          for (const [who, one] of processes.entries()) {
            if (one.taken > 0) one.taken--;
            seat(one);
            await ask(who);
            await check();
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
