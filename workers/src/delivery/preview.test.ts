import type { Adapter, AnswerStream } from '@parley/core/adapter';
import type { Governor } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DeliveryContext } from './context.ts';
import { createPreview } from './preview.ts';

const limits = { perSecond: 1, burst: 1 };
let updates: string[];
let fail: (() => void) | undefined;
let allowed: boolean;
let started: number;
let penalties: number[];
/** How often the governor was asked. */
let asked: number;

beforeEach(() => {
  vi.useFakeTimers();
  [updates, fail, allowed, started, penalties, asked] = [[], undefined, true, 0, [], 0];
});
afterEach(() => vi.useRealTimers());

const stream: AnswerStream = {
  intervalMs: 1000,
  async update(markdown) {
    fail?.();
    updates.push(markdown);
  },
  finish: () => Promise.reject(new Error('not used')),
  abandon: () => {},
};
const governor: Governor = {
  reserve: async () => 0,
  tryPreview: async () => {
    asked++;
    return allowed;
  },
  penalise: async (_place, ms) => void penalties.push(ms),
};

function preview(over: Partial<Adapter> = {}) {
  const adapter = {
    startStream: async () => {
      started++;
      return stream;
    },
    ...over,
  } as Adapter;
  return createPreview({
    adapter,
    governor,
    record: {},
    turn: 't',
    target: {},
    place: { channel: 'b', chat: 'c', kind: 'direct', limits: { bot: limits, direct: limits, group: limits } },
    save: async () => {},
    assertOwned: async () => {},
    onError: () => {},
  } as unknown as DeliveryContext);
}

test('an answer that is complete at once is never previewed', async () => {
  const shown = preview();
  shown.show('quick');
  await vi.advanceTimersByTimeAsync(100);
  expect(await shown.stop()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(started).toBe(0);
});

test('shows the latest text at the pace of the platform, healed, and not the same text twice', async () => {
  const shown = preview();
  for (let i = 1; i <= 30; i++) {
    shown.show(`**bold ${i}`);
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(5000);
  expect(updates.length).toBeGreaterThanOrEqual(3);
  expect(updates.length).toBeLessThanOrEqual(5);
  expect(updates.at(-1)).toBe('**bold 30**');
  expect(new Set(updates).size).toBe(updates.length);
  expect(started).toBe(1);
  expect(await shown.stop()).toBe(stream);
});

test('drops previews that the governor does not allow, and queues none of them', async () => {
  allowed = false;
  const shown = preview();
  for (let i = 0; i < 10; i++) {
    shown.show(`text ${i}`);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(started).toBe(0);
  allowed = true;
  await vi.advanceTimersByTimeAsync(1000);
  expect(updates).toEqual(['text 9']);
  await shown.stop();
});

test('a platform that is flooded gets no preview until it said so, others end the previews', async () => {
  const shown = preview();
  shown.show('a');
  fail = () => {
    throw new ParleyError('platform_rate_limited', 'slow', { retryAfterMs: 8000 });
  };
  await vi.advanceTimersByTimeAsync(500);
  expect(penalties).toEqual([8000]);
  fail = undefined;
  await vi.advanceTimersByTimeAsync(7000);
  expect(updates).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(updates).toEqual(['a']);
  fail = () => {
    throw new ParleyError('platform_rejected', 'gone');
  };
  shown.show('b');
  await vi.advanceTimersByTimeAsync(20_000);
  fail = undefined;
  shown.show('c');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(updates).toEqual(['a']);
  expect(await shown.stop()).toBe(stream);
});

test('a very long text shows its beginning, and never half a character', async () => {
  const shown = preview();
  shown.show(`x${'😀'.repeat(4000)}`);
  await vi.advanceTimersByTimeAsync(500);
  expect(updates[0]?.length).toBeLessThan(3100);
  expect(updates[0]?.isWellFormed()).toBe(true);
  await shown.stop();
});

test('a text that grows beyond one message takes no more of the pace: its beginning is shown already', async () => {
  const shown = preview();
  for (let length = 3_500; length < 10_000; length += 500) {
    shown.show('x'.repeat(length));
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(updates).toHaveLength(1);
  expect(asked).toBe(1);
  await shown.stop();
});

test('stopping waits for an update that is under way', async () => {
  const gate = Promise.withResolvers<void>();
  const slow: AnswerStream = { ...stream, update: () => gate.promise };
  const shown = preview({ startStream: async () => slow });
  shown.show('text');
  await vi.advanceTimersByTimeAsync(500);
  let stopped = false;
  const stopping = shown.stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(100);
  expect(stopped).toBe(false);
  gate.resolve();
  await stopping;
});
