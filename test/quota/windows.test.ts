import type { RedisClient } from '@parley/core/bus';
import type { Quota, ReserveResult } from '@parley/core/quota';
import fc from 'fast-check';
import type { Command } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startRedis, type TestRedis } from '../support/index.ts';
import { connect, quotaOver, request, tenant, usage } from './helpers.ts';

/** The windows of the scripts, on a real Redis whose clock the test sets, against a model that only counts. */
let server: TestRedis;
let redis: RedisClient;
let quota: Quota;

const CLOCK_KEY = 'test:clock';

/** A client whose scripts take the time from a key instead of the server's clock. */
function withClock(client: RedisClient): RedisClient {
  const send = client.sendCommand.bind(client);
  const clock = `(function() local c = tonumber(redis.call('GET', '${CLOCK_KEY}')) return { math.floor(c / 1000), (c % 1000) * 1000 } end)()`;
  client.sendCommand = (command: Command, ...rest: unknown[]) => {
    // Redis never knows a script by its hash, and gets it with the other clock.
    if (command.name === 'evalsha') return Promise.reject(new Error('NOSCRIPT'));
    if (command.name === 'eval') {
      const lua = String(command.args[0]);
      command.args[0] = lua.replaceAll("redis.call('TIME')", clock);
      if (command.args[0] === lua) throw new Error('a script does not ask for the time');
    }
    return Reflect.apply(send, client, [command, ...rest]);
  };
  return client;
}

beforeAll(async () => {
  server = await startRedis();
  redis = withClock(connect(server.url));
  await new Promise((resolve) => redis.once('ready', resolve));
  quota = quotaOver(redis);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterAll(async () => {
  vi.useRealTimers();
  redis.disconnect();
  await server.stop();
});

async function setClock(now: number): Promise<void> {
  vi.setSystemTime(now);
  await redis.set(CLOCK_KEY, now);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Where a script gives an answer at least this long no window is clamped to. */
const LEAST_OUTPUT = 16;
const LONG = 10 * 365 * DAY;

type Limits = Partial<Record<'minute' | 'hour' | 'day' | 'tokens_minute' | 'tokens_hour' | 'tokens_day', number>>;

interface Counted {
  at: number;
  requests: number;
  tokens: number;
}

/** What has been admitted, and nothing else: every question is answered by going through all of it. */
function createModel(limits: Limits, timeZone: string) {
  const admitted: Counted[] = [];
  const dayOf = (at: number) => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
  const sum = (unit: 'requests' | 'tokens', isIn: (at: number) => boolean) =>
    admitted.filter(({ at }) => isIn(at)).reduce((total, one) => total + one[unit], 0);

  function sliding(unit: 'requests' | 'tokens', ms: number, now: number): number {
    const bucket = Math.floor(now / ms);
    const of = (wanted: number) => sum(unit, (at) => Math.floor(at / ms) === wanted);
    return of(bucket) + (of(bucket - 1) * (ms - (now % ms))) / ms;
  }

  function used(name: keyof Limits, now: number): number {
    const unit = name.startsWith('tokens_') ? 'tokens' : 'requests';
    if (name.endsWith('minute')) return sliding(unit, MINUTE, now);
    if (name.endsWith('hour')) return sliding(unit, HOUR, now);
    return sum(unit, (at) => dayOf(at) === dayOf(now));
  }

  const names = Object.keys(limits) as (keyof Limits)[];
  return {
    /** What a request for so many tokens is given, or undefined when a limit stands in the way. */
    output(now: number, input: number, wanted: number): number | undefined {
      const left = (name: keyof Limits) => (limits[name] ?? 0) - used(name, now);
      const tokenNames = names.filter((name) => name.startsWith('tokens_'));
      const room = Math.min(wanted, ...tokenNames.map((name) => Math.floor(left(name) - input)));
      const output = Math.max(room, Math.min(LEAST_OUTPUT, wanted));
      const fits = names.every((name) => (name.startsWith('tokens_') ? input + output : 1) <= left(name));
      return fits ? output : undefined;
    },
    add(now: number, tokens: number): Counted {
      const one = { at: now, requests: 1, tokens };
      admitted.push(one);
      return one;
    },
    /** How many requests one calendar window may have seen: the plainest reading of a limit. */
    busiest(ms: number): number {
      const counts = Map.groupBy(admitted, ({ at }) => Math.floor(at / ms));
      return Math.max(
        0,
        ...[...counts.values()].map((all) => all.reduce((total, { requests }) => total + requests, 0)),
      );
    },
  };
}

const limitsArbitrary = fc.record(
  {
    minute: fc.integer({ min: 1, max: 5 }),
    hour: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 20 }),
    tokens_minute: fc.integer({ min: 20, max: 600 }),
    tokens_hour: fc.integer({ min: 20, max: 2_000 }),
    tokens_day: fc.integer({ min: 20, max: 5_000 }),
  },
  { requiredKeys: [] },
);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), input: fc.nat(60), output: fc.nat(200) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat(2_000), fc.nat(2 * MINUTE), fc.nat(2 * HOUR), fc.nat(2 * DAY)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat(30),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      reached: fc.boolean(),
    }),
  },
);

/** Days of changing clocks, a leap day, the end of a year: where windows of a calendar go wrong. */
const start = fc.record({
  zone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'),
  at: fc
    .constantFrom(
      '2026-03-08T04:00Z',
      '2026-04-04T13:00Z',
      '2026-11-01T03:00Z',
      '2028-02-28T22:00Z',
      '2026-12-31T22:00Z',
    )
    .chain((text) => fc.nat(6 * HOUR).map((ms) => Date.parse(text) + ms)),
});

let runs = 0;

test('every request is admitted or refused as a plain count of what was admitted before says', async () => {
  await fc.assert(
    fc.asyncProperty(limitsArbitrary, start, fc.array(step, { maxLength: 40 }), async (limits, { zone, at }, steps) => {
      const id = `w${runs++}`;
      const of = tenant({ id, limits, timezone: zone });
      const model = createModel(limits, zone);
      const open: { requestId: string; counted: Counted }[] = [];
      let now = at;
      for (const [index, one] of steps.entries()) {
        if (one.kind === 'pass') now += one.ms;
        await setClock(now);
        if (one.kind === 'ask') {
          const requestId = `${id}-${index}`;
          const expected = model.output(now, one.input, one.output);
          const over = { inputTokens: one.input, maxOutputTokens: one.output, holdMs: LONG };
          const result = await quota.reserve(request(requestId, of, over));
          expect(result.status).toBe(expected === undefined ? 'refused' : 'admitted');
          if (result.status !== 'admitted') continue;
          expect(result.maxOutputTokens).toBe(expected);
          open.push({ requestId, counted: model.add(now, one.input + result.maxOutputTokens) });
        } else if (one.kind === 'settle') {
          const [settled] = open.splice(one.which, 1);
          if (!settled) continue;
          const { requestId, counted } = settled;
          const tokens = Math.floor(counted.tokens * one.share);
          const reached = { model: 'gpt', usage: usage(tokens, 0), costMicroUsd: 0, status: 'success' as const };
          const outcome = one.reached ? reached : { costMicroUsd: 0, status: 'failed' as const };
          expect(await quota.settle({ requestId, tenant: id, ...outcome })).toMatchObject({ settled: true });
          // Wherever the time is now: it counts where it was reserved.
          Object.assign(counted, one.reached ? { tokens } : { requests: 0, tokens: 0 });
        }
      }
      if (limits.minute) expect(model.busiest(MINUTE)).toBeLessThanOrEqual(limits.minute);
      if (limits.hour) expect(model.busiest(HOUR)).toBeLessThanOrEqual(limits.hour);
    }),
    { numRuns: 200 },
  );
});

test('a refused request is admitted at the very moment it was told, and not a moment sooner', async () => {
  const asks = fc.array(fc.record({ after: fc.nat(40_000), input: fc.nat(30) }), { minLength: 3, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(limitsArbitrary, start, asks, async (limits, { zone, at }, all) => {
      const id = `r${runs++}`;
      const of = tenant({ id, limits: { minute: 3, ...limits }, timezone: zone });
      const { tokens_minute, tokens_hour, tokens_day } = limits;
      let now = at;
      let count = 0;
      const ask = (input: number): Promise<ReserveResult> =>
        quota.reserve(request(`${id}-${count++}`, of, { inputTokens: input, maxOutputTokens: 0, holdMs: LONG }));
      for (const { after, input } of all) {
        now += after;
        await setClock(now);
        const result = await ask(input);
        if (result.status === 'admitted') continue;
        const { resetAt } = result.limit;
        // One that is larger than a whole limit is never admitted.
        if (input > Math.min(...[tokens_minute, tokens_hour, tokens_day].map((most) => most ?? Infinity))) continue;
        expect(resetAt).toBeGreaterThan(now);
        await setClock(resetAt - 1);
        expect(await ask(input)).toMatchObject({ status: 'refused' });
        now = resetAt;
        await setClock(now);
        expect(await ask(input)).toMatchObject({ status: 'admitted' });
      }
    }),
    {
      numRuns: 200,
      // Two thirds of 27 tokens and 11 more are 29, and not a little more than that.
      examples: [
        [
          { tokens_minute: 29 },
          { zone: 'UTC', at: 1_772_942_400_000 },
          [
            { after: 0, input: 27 },
            { after: 0, input: 11 },
          ],
        ],
      ],
    },
  );
});
