import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { joinSignals } from './signals.ts';

const pair = () => [new AbortController(), new AbortController()] as const;

test('aborts with either of two, for the same reason', () => {
  for (const which of [0, 1] as const) {
    const sources = pair();
    const { signal } = joinSignals(sources[0].signal, sources[1].signal);
    expect(signal.aborted).toBe(false);
    const reason = new Error('enough');
    sources[which].abort(reason);
    expect(signal).toMatchObject({ aborted: true, reason });
  }
});

test('what has been aborted before is aborted from the start', () => {
  const [first, second] = pair();
  second.abort('before');
  expect(joinSignals(first.signal, second.signal).signal).toMatchObject({ aborted: true, reason: 'before' });
});

test('one alone is itself, and nothing is left behind at the end', () => {
  const [first, second] = pair();
  expect(joinSignals(first.signal, undefined).signal).toBe(first.signal);
  const joined = joinSignals(first.signal, second.signal);
  joined.end();
  expect(getEventListeners(first.signal, 'abort')).toEqual([]);
  expect(getEventListeners(second.signal, 'abort')).toEqual([]);
  first.abort();
  expect(joined.signal.aborted).toBe(false);
});
