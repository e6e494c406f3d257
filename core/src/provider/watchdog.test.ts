import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watch } from './watchdog.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const idle = new AbortController().signal;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits and values in turn: [30, 'a'] is `a` after 30 ms. */
function source(...steps: [number, string][]) {
  let signal: AbortSignal | undefined;
  const open = async (given: AbortSignal) => {
    signal = given;
    return (async function* () {
      for (const [ms, value] of steps) {
        await sleep(ms);
        yield value;
      }
    })();
  };
  return { open, aborted: () => signal?.aborted };
}

async function play(events: AsyncIterable<string>, onEvent: () => Promise<unknown> = async () => {}) {
  const seen: string[] = [];
  const run = async () => {
    for await (const event of events) {
      seen.push(event);
      await onEvent();
    }
  };
  const result = run().then(
    () => 'complete',
    (error) => error.code,
  );
  await vi.advanceTimersByTimeAsync(10_000);
  return { seen, result: await result };
}

test('each token renews the patience', async () => {
  const { open } = source([90, 'a'], [90, 'b'], [90, 'c']);
  const events = watch(open, { timeoutMs: 100, signal: idle, isProgress: () => true });
  expect(await play(events)).toEqual({ seen: ['a', 'b', 'c'], result: 'complete' });
});

test('keep-alives do not', async () => {
  const { open, aborted } = source([60, 'a'], [60, 'ping'], [60, 'ping'], [60, 'b']);
  const events = watch(open, { timeoutMs: 100, signal: idle, isProgress: (event) => event !== 'ping' });
  expect(await play(events)).toEqual({ seen: ['a', 'ping'], result: 'model_timeout' });
  expect(aborted()).toBe(true);
});

test("the reader's own time does not count", async () => {
  const { open } = source([60, 'a'], [60, 'b']);
  const events = watch(open, { timeoutMs: 100, signal: idle, isProgress: () => true });
  expect(await play(events, () => sleep(500))).toEqual({ seen: ['a', 'b'], result: 'complete' });
});

test('the wait for the response counts', async () => {
  const events = watch<string>(() => new Promise(() => {}), { timeoutMs: 100, signal: idle, isProgress: () => true });
  expect(await play(events)).toEqual({ seen: [], result: 'model_timeout' });
});

test('an abort ends the wait at once, even of a source that ignores it', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const { open } = source([10, 'a'], [9000, 'b']);
  const events = watch(open, { timeoutMs: 5000, signal: controller.signal, isProgress: () => true });
  expect(await play(events)).toEqual({ seen: ['a'], result: 'model_aborted' });
});
