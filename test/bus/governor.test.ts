import { setTimeout as sleep } from 'node:timers/promises';
import { createGovernor, type Place } from '@parley/core/bus';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { useRedis } from '../support/use-redis.ts';

const { redis, connect } = useRedis({ cluster: true });

const limits = {
  bot: { perSecond: 0.5, burst: 6 },
  direct: { perSecond: 0.1, burst: 3 },
  group: { perSecond: 0.1, burst: 1 },
};
const place = (chat: string, kind: 'direct' | 'group' = 'direct'): Place => ({ channel: 'bot', chat, kind, limits });

test('final texts use the burst, then queue up behind one another', async () => {
  const governor = createGovernor(redis());
  const waits = [];
  for (let i = 0; i < 5; i++) waits.push(await governor.reserve(place('a'), 1));
  expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
  const [fourth = 0, fifth = 0] = waits.slice(3);
  expect(fourth).toBeGreaterThan(9_000);
  expect(fifth - fourth).toBeGreaterThan(9_000);
});

test('many at once, from several connections, get no more than the burst without waiting', async () => {
  const others = [redis(), connect()];
  const governors = others.map(createGovernor);
  const waits = await Promise.all(Array.from({ length: 40 }, (_, i) => governors[i % 2]?.reserve(place('a'), 1)));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(3);
  others[1]?.disconnect();
});

test('previews take only what leaves room for a final text, and nothing when they are refused', async () => {
  const governor = createGovernor(redis());
  expect(await governor.tryPreview(place('a'), 1)).toBe(true);
  expect(await governor.tryPreview(place('a'), 1)).toBe(true);
  for (let i = 0; i < 10; i++) expect(await governor.tryPreview(place('a'), 1)).toBe(false);
  expect(await governor.reserve(place('a'), 1)).toBe(0);
});

test('in a slow chat previews of a long text leave room for two messages', async () => {
  const governor = createGovernor(redis());
  expect(await governor.tryPreview(place('a'), 1, true)).toBe(true);
  expect(await governor.tryPreview(place('a'), 1, true)).toBe(false);
  for (let i = 0; i < 2; i++) expect(await governor.reserve(place('a'), 1)).toBe(0);
  expect(await governor.reserve(place('a'), 1)).toBeGreaterThan(0);
  const quick = { ...place('b'), channel: 'another', limits: { ...limits, direct: { perSecond: 1, burst: 3 } } };
  expect(await governor.tryPreview(quick, 1, true)).toBe(true);
  expect(await governor.tryPreview(quick, 1, true)).toBe(true);
});

test('one chat does not use up another one, but the bot as a whole has its limit', async () => {
  const governor = createGovernor(redis());
  expect(await governor.reserve(place('a'), 3)).toBe(0);
  expect(await governor.reserve(place('b'), 3)).toBe(0);
  expect(await governor.reserve(place('c'), 1)).toBeGreaterThan(0);
});

test('"retry after" stops exactly the chat it was said of, and only for that long', async () => {
  const governor = createGovernor(redis());
  await governor.penalise(place('a'), 1_000, 'chat');
  await governor.penalise(place('a'), 5, 'chat'); // a shorter one does not end a longer one
  expect(await governor.tryPreview(place('a'), 1)).toBe(false);
  expect(await governor.reserve(place('b'), 1)).toBe(0);
  await until('the penalty to end', () => governor.tryPreview(place('a'), 1));
  await governor.penalise(place('c'), 60_000, 'chat');
  const wait = await governor.reserve(place('c'), 1);
  expect(wait).toBeGreaterThan(50_000);
  expect(wait).toBeLessThanOrEqual(60_000);
});

test('a cost above the burst waits its time instead of for ever', async () => {
  const governor = createGovernor(redis());
  expect(await governor.reserve(place('g', 'group'), 2)).toBe(0);
  expect(await governor.reserve(place('g', 'group'), 1)).toBeGreaterThan(9_000);
});

test('a wait that is too long reserves nothing and names a time: who comes back then goes on', async () => {
  const governor = createGovernor(redis());
  // Intervals far above what a busy machine takes to ask a few times.
  const fast = { perSecond: 1, burst: 1 };
  const busy: Place = { ...place('a'), limits: { bot: { perSecond: 1000, burst: 1000 }, direct: fast, group: fast } };
  const patience = { maxMs: 20 };
  expect(await governor.reserve(busy, 1, patience)).toBe(0);
  const told: number[] = [];
  for (let i = 0; i < 5; i++) told.push(await governor.reserve(busy, 1, patience));
  // One behind the other, with the bucket's interval between them.
  for (const [i, wait] of told.entries()) expect(wait).toBeGreaterThan(1_000 * i);
  const [first = 0] = told;
  await sleep(first);
  expect(await governor.reserve(busy, 1, { ...patience, hasWaited: true })).toBeLessThanOrEqual(20);
  // Who has not waited comes after those who have.
  expect(await governor.reserve(busy, 1, patience)).toBeGreaterThan(1_000);
  expect(await governor.tryPreview(busy, 1)).toBe(false);
});

test('what one bucket refuses does not use up the other', async () => {
  const governor = createGovernor(redis());
  for (let i = 0; i < 3; i++) await governor.reserve(place('a'), 1);
  for (let i = 0; i < 10; i++) expect(await governor.reserve(place('a'), 1, { maxMs: 1000 })).toBeGreaterThan(1000);
  // The bot's burst is 6: three are gone, and ten refusals later three are left.
  expect(await governor.reserve(place('b'), 3)).toBe(0);
});
