import { afterEach, expect, test, vi } from 'vitest';
import { createDeliverer, type DelivererOptions } from './deliverer.ts';
import type { DeliveryAnswer } from './post-event.ts';

type Event = { eventId: string; lane?: string };

let close: (() => void) | undefined;
afterEach(() => close?.());

function start(answers: (event: Event, attempt: number) => number, options: Partial<DelivererOptions<Event>> = {}) {
  const sent: string[] = [];
  const waits: number[] = [];
  const deliverer = createDeliverer<Event>({
    speedup: 10_000,
    async send(event, attempt): Promise<DeliveryAnswer> {
      sent.push(`${event.eventId}#${attempt}`);
      return { status: answers(event, attempt) };
    },
    retryDelayMs(attempt) {
      const wait = [0, 60_000, 300_000][attempt - 1];
      if (wait !== undefined) waits.push(wait);
      return wait;
    },
    ...options,
  });
  close = deliverer.close;
  return { deliverer, sent, waits };
}

test('climbs the ladder and gives up at its end', async () => {
  const settled = vi.fn();
  const { deliverer, sent, waits } = start(() => 500, { onSettled: settled });
  deliverer.deliver({ eventId: 'a' });
  await vi.waitFor(() => expect(settled).toHaveBeenCalledOnce());
  expect(sent).toEqual(['a#1', 'a#2', 'a#3', 'a#4']);
  expect(waits).toEqual([0, 60_000, 300_000]);
  expect(deliverer.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 500],
    [2, 500],
    [3, 500],
    [4, 500],
  ]);
  expect(deliverer.pending()).toBe(0);
});

test('a lane goes on only after a success, other lanes do not wait', async () => {
  const { deliverer, sent } = start((event, attempt) => (event.eventId === 'a1' && attempt < 3 ? 503 : 200));
  deliverer.deliver({ eventId: 'a1', lane: 'a' });
  deliverer.deliver({ eventId: 'a2', lane: 'a' });
  deliverer.deliver({ eventId: 'b1', lane: 'b' });
  await vi.waitFor(() => expect(deliverer.pending()).toBe(0));
  expect(sent.filter((one) => one.startsWith('a'))).toEqual(['a1#1', 'a1#2', 'a1#3', 'a2#1']);
  expect(sent.indexOf('b1#1')).toBeLessThan(sent.indexOf('a1#3'));
});

test('never has more attempts under way than allowed', async () => {
  let running = 0;
  let most = 0;
  const { deliverer } = start(() => 200, {
    concurrency: () => 2,
    async send() {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { status: 200 };
    },
  });
  for (let index = 0; index < 20; index += 1) deliverer.deliver({ eventId: String(index) });
  await vi.waitFor(() => expect(deliverer.pending()).toBe(0));
  expect(most).toBe(2);
});

test('drop loses one attempt and the ladder goes on; duplicate sends it twice', async () => {
  const { deliverer, sent } = start(() => 200);
  deliverer.disturb({ times: 1, action: { kind: 'drop' } });
  deliverer.deliver({ eventId: 'a' });
  await vi.waitFor(() => expect(deliverer.pending()).toBe(0));
  expect(sent).toEqual(['a#2']);
  expect(deliverer.deliveries.map(({ status }) => status)).toEqual([0, 200]);

  deliverer.disturb({ times: 1, action: { kind: 'duplicate' } });
  deliverer.deliver({ eventId: 'b' });
  await vi.waitFor(() => expect(deliverer.pending()).toBe(0));
  expect(sent.slice(1)).toEqual(['b#1', 'b#1']);
});

test.each([undefined, 'lane'])('reorder lets the next event pass (lane: %s)', async (lane) => {
  const { deliverer, sent } = start(() => 200);
  deliverer.disturb({ times: 1, action: { kind: 'reorder' } });
  for (const eventId of ['a', 'b', 'c']) deliverer.deliver(lane === undefined ? { eventId } : { eventId, lane });
  await vi.waitFor(() => expect(deliverer.pending()).toBe(0));
  expect(sent.toSorted()).toEqual(['a#1', 'b#1', 'c#1']);
  expect(sent.indexOf('b#1')).toBeLessThan(sent.indexOf('a#1'));
});

test('keeps events while paused, forgets discarded ones, and stops disturbing when told', async () => {
  const { deliverer, sent } = start(() => 200, { paused: true });
  const stop = deliverer.disturb({ action: { kind: 'drop' } });
  stop();
  deliverer.deliver({ eventId: 'a' });
  deliverer.deliver({ eventId: 'b' });
  deliverer.discard('a');
  expect(deliverer.pending()).toBe(1);
  deliverer.resume();
  await vi.waitFor(() => expect(deliverer.pending()).toBe(0));
  expect(sent).toEqual(['b#1']);
});

test('retryNow makes a waiting retry at once', async () => {
  let status = 500;
  const { deliverer, sent } = start(() => status, { speedup: 1, retryDelayMs: () => 3_600_000 });
  deliverer.deliver({ eventId: 'a' });
  await vi.waitFor(() => expect(sent).toEqual(['a#1']));
  status = 200;
  deliverer.resume({ retryNow: true });
  await vi.waitFor(() => expect(sent).toEqual(['a#1', 'a#2']));
});
