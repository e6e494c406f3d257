import { expect, test } from 'vitest';
import { runApiCall } from './api-call.ts';
import { createFaults } from './faults.ts';
import { createRateWindow } from './rate-window.ts';
import { createRecorder } from './recorder.ts';

function start() {
  const faults = createFaults();
  const calls = createRecorder<{ method: string; body: unknown; status: number; at: number }>(3);
  let effects = 0;
  const guard = {
    faults,
    calls,
    secrets: ['s3cret'],
    rateLimited: (seconds: number) => ({ status: 429, body: { seconds } }),
    failed: (error: string) => ({ status: 200, body: { error } }),
  };
  const call = (method: string, body: unknown = {}) =>
    runApiCall(guard, { method, body }, () => {
      effects += 1;
      return { status: 200 };
    });
  return { faults, calls, call, effects: () => effects };
}

test('the first matching fault applies, as often as it says', async () => {
  const { faults, call } = start();
  faults.misbehave({ method: 'a.one', times: 1, action: { kind: 'error', error: 'first' } });
  const stop = faults.misbehave({ method: /^a\./g, action: { kind: 'rate_limit', retryAfterSeconds: 7 } });
  expect(await call('a.one')).toEqual({ status: 200, body: { error: 'first' } });
  expect(await call('a.one')).toEqual({ status: 429, body: { seconds: 7 } });
  expect(await call('a.two')).toEqual({ status: 429, body: { seconds: 7 } });
  expect(await call('b.one')).toEqual({ status: 200 });
  stop();
  expect(await call('a.one')).toEqual({ status: 200 });
});

test('a call cut before has no effect, one cut after has', async () => {
  const { faults, call, effects } = start();
  faults.misbehave({ times: 1, action: { kind: 'cut', when: 'before' } });
  expect(await call('a')).toBe('cut');
  expect(effects()).toBe(0);
  faults.misbehave({ times: 1, action: { kind: 'cut', when: 'after' } });
  expect(await call('a')).toBe('cut');
  expect(effects()).toBe(1);
});

test('records calls without secrets and forgets the oldest', async () => {
  const { calls, call } = start();
  for (const n of [1, 2, 3, 4]) await call('a', { n, list: [{ text: 'token=s3cret!' }] });
  expect(calls.items.map(({ body }) => body)).toEqual([2, 3, 4].map((n) => ({ n, list: [{ text: 'token=***!' }] })));
});

test('a rate window refuses without counting and says how long to wait', () => {
  const window = createRateWindow({ limit: 2, windowMs: 1000 });
  expect([window.take('a', 0), window.take('a', 100), window.take('a', 200), window.take('b', 200)]).toEqual([
    0, 0, 800, 0,
  ]);
  expect(window.take('a', 1001)).toBe(0);
});
