import { connectRedis, createLeases, type HeldLease } from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const logger = createLogger('silent');
const LEASE_MS = 300;
let server: TestRedis;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startRedis({ cluster: true });
});
afterAll(() => server.stop());
afterEach(async () => {
  server.resume();
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await server.flush();
});

/** A process that offers itself for the lease `bot`. */
function candidate(owner: string, log: string[]) {
  const redis = connectRedis(server.url, 'work', logger);
  const stop = new AbortController();
  const fences: number[] = [];
  const holds = { now: false };
  const work = async ({ signal, fence }: HeldLease) => {
    log.push(`${owner} begins`);
    fences.push(fence);
    holds.now = true;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    holds.now = false;
    log.push(`${owner} ends`);
  };
  const ended = createLeases({ redis, owner, logger, leaseMs: LEASE_MS }).runExclusive('bot', work, stop.signal);
  const close = async () => {
    stop.abort();
    await ended;
    redis.disconnect();
  };
  stops.push(close);
  return { holds, fences, close, cut: () => redis.disconnect() };
}

/** Whoever begins ends before anybody else begins. */
function expectOneAtATime(log: string[]): void {
  for (const [i, line] of log.entries()) {
    expect(line.endsWith(i % 2 === 0 ? ' begins' : ' ends'), log.join()).toBe(true);
    if (i % 2 === 1) expect(line.split(' ')[0]).toBe(log[i - 1]?.split(' ')[0]);
  }
}

test('one of several processes holds it; another takes over when that one stops, with a higher fence', async () => {
  const log: string[] = [];
  const all = ['a', 'b', 'c'].map((owner) => candidate(owner, log));
  const first = await until('somebody holds it', () => all.find(({ holds }) => holds.now));
  await first.close();
  const second = await until('another holds it', () => all.find(({ holds }) => holds.now));
  expect(second).not.toBe(first);
  expect(second.fences.at(-1)).toBeGreaterThan(first.fences.at(-1) ?? 0);
  expectOneAtATime(log);
});

test('a holder that is cut off stops before another one starts', async () => {
  const log: string[] = [];
  const all = ['a', 'b'].map((owner) => candidate(owner, log));
  const first = await until('somebody holds it', () => all.find(({ holds }) => holds.now));
  first.cut();
  await until('the other holds it', () => all.find((one) => one !== first && one.holds.now));
  expect(log.length).toBeGreaterThanOrEqual(3);
  expectOneAtATime(log);
});

test('a frozen Redis ends the hold, and its return begins a new one', async () => {
  const log: string[] = [];
  const only = candidate('a', log);
  await until('it is held', () => only.holds.now);
  server.pause();
  await until('the hold ended', () => !only.holds.now);
  server.resume();
  await until('it is held again', () => only.holds.now);
});

test('what a process begins anew waits until what it stopped has ended', async () => {
  const redis = connectRedis(server.url, 'work', logger);
  const leases = createLeases({ redis, owner: 'a', logger, leaseMs: LEASE_MS });
  const log: string[] = [];
  const [first, second] = [new AbortController(), new AbortController()];
  const mayEnd = Promise.withResolvers<void>();
  const hold = (name: string, end: Promise<void>, signal: AbortSignal) =>
    leases.runExclusive(
      'bot',
      async (held) => {
        log.push(`${name} begins`);
        await new Promise<void>((resolve) => held.signal.addEventListener('abort', () => resolve(), { once: true }));
        await end;
        log.push(`${name} ends`);
      },
      signal,
    );
  const old = hold('old', mayEnd.promise, first.signal);
  await until('the old one holds it', () => log.length === 1);
  first.abort();
  const next = hold('new', Promise.resolve(), second.signal);
  await redis.ping(); // on the same connection: the new one has asked for the lease by now
  mayEnd.resolve();
  await until('the new one holds it', () => log.length === 3);
  expect(log).toEqual(['old begins', 'old ends', 'new begins']);
  second.abort();
  await Promise.all([old, next]);
  redis.disconnect();
});

test('work that fails is begun again', async () => {
  const redis = connectRedis(server.url, 'work', logger);
  const stop = new AbortController();
  let begun = 0;
  const ended = createLeases({ redis, owner: 'a', logger, leaseMs: LEASE_MS }).runExclusive(
    'flaky',
    async () => {
      begun++;
      throw new Error('no luck');
    },
    stop.signal,
  );
  await until('a second beginning', () => begun >= 2);
  stop.abort();
  await ended;
  redis.disconnect();
});
