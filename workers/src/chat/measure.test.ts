import type { FinishedTurn, TimelineEntry } from '@parley/core/bus';
import { createMetrics } from '@parley/core/telemetry';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureTurn, phasesOf } from './measure.ts';

const aTurn = (timeline: TimelineEntry[], totalMs: number, modelMs: number[] = []): FinishedTurn => ({
  turn: 't',
  tenant: 'acme',
  channel: 'bot',
  platform: 'slack',
  conversation: 'c',
  chatKind: 'direct',
  user: 'u',
  status: 'success',
  costMicroUsd: 0,
  attempts: modelMs.map((durationMs) => ({ model: 'm', status: 'success', durationMs })),
  kind: 'model',
  receivedAt: 1000,
  finishedAt: 1000 + totalMs,
  timeline: [{ atMs: 0, what: 'received' }, ...timeline],
});
const usual = [
  { atMs: 20, what: 'taken' },
  { atMs: 1020, what: 'decided' },
  { atMs: 1100, what: 'delivered' },
];

describe('phases', () => {
  test('each piece of time has one owner', () => {
    expect(phasesOf(aTurn(usual, 1100, [300, 690]))).toEqual({
      queue: 20,
      decide: 10,
      model: 990,
      deliver: 80,
      own: 30,
    });
  });

  test('waits that somebody asked for are not the hub\u2019s own', () => {
    const shared = [{ atMs: 30, what: 'cache', detail: { hit: 'memory', waitedMs: 900 } }, ...usual];
    expect(phasesOf(aTurn(usual, 1100, [1000]), { follows: true })).toMatchObject({ queue: 20, own: 0 });
    expect(phasesOf(aTurn(usual, 1100, [1000]), { notBefore: 1015 })).toMatchObject({ queue: 20, own: 5 });
    expect(phasesOf(aTurn(shared, 1100))).toMatchObject({ decide: 1000, own: 120 });
  });

  test('a question over the API has neither queue nor delivery', () => {
    expect(phasesOf(aTurn([{ atMs: 500, what: 'decided' }], 500, [480]))).toMatchObject({
      queue: 0,
      own: 20,
      deliver: 0,
    });
  });

  test('they add up to the whole, and none is negative, whatever the clocks did', () => {
    const time = fc.integer({ min: -5000, max: 50_000 });
    fc.assert(
      fc.property(time, time, time, fc.array(fc.nat(20_000)), (taken, decided, total, models) => {
        const timeline = [
          { atMs: taken, what: 'taken' },
          { atMs: decided, what: 'decided' },
        ];
        const { own, ...phases } = phasesOf(aTurn(timeline, total, models));
        const sum = Object.values(phases).reduce((all, one) => all + one, 0);
        expect(sum).toBe(Math.max(0, total));
        expect(Math.min(own, ...Object.values(phases))).toBeGreaterThanOrEqual(0);
        expect(own).toBeLessThanOrEqual(phases.queue + phases.decide);
      }),
    );
  });
});

const slow = aTurn([{ atMs: 1500, what: 'taken' }], 1500);
const quick = aTurn(usual, 1100, [1000]);

test('three slow turns in a row count, two do not, and a streak is told once', async () => {
  const metrics = createMetrics();
  const streaks = async () => (await metrics.slowStreaks.get()).values[0]?.value;
  for (const turn of [slow, slow, quick, slow, slow]) measureTurn(turn, metrics);
  expect(await streaks()).toBe(0);
  measureTurn(slow, metrics);
  expect(await streaks()).toBe(1);
  for (const turn of [slow, slow]) measureTurn(turn, metrics);
  expect(await streaks()).toBe(1);
  measureTurn(slow, metrics);
  expect(await streaks()).toBe(2);
});

test('of a resumed turn only the whole counts', async () => {
  const metrics = createMetrics();
  measureTurn(
    aTurn(
      [
        { atMs: 9000, what: 'taken' },
        { atMs: 9000, what: 'resumed' },
      ],
      9100,
    ),
    metrics,
  );
  expect((await metrics.turnSeconds.get()).values.some(({ value }) => value === 1)).toBe(true);
  expect((await metrics.ownSeconds.get()).values.filter(({ value }) => value > 0)).toEqual([]);
});
