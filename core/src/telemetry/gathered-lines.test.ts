import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gatherLines } from './gathered-lines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function collect() {
  const writes: string[] = [];
  return {
    writes,
    ...gatherLines({ write: (lines) => writes.push(lines), flushSync: () => writes.push('(flushed)') }),
  };
}

test('the first line is written at once, what follows together, in order and none lost', () => {
  const { write, writes } = collect();
  for (const line of ['a', 'b', 'c']) write(line);
  expect(writes).toEqual(['a']);
  vi.advanceTimersByTime(20);
  expect(writes).toEqual(['a', 'bc']);
  write('d');
  expect(writes).toEqual(['a', 'bc']);
  vi.advanceTimersByTime(20);
  expect(writes).toEqual(['a', 'bc', 'd']);
  vi.advanceTimersByTime(1_000);
  write('e');
  expect(writes).toEqual(['a', 'bc', 'd', 'e']);
  expect(vi.getTimerCount()).toBe(1);
});

test('much is not held back, and nothing is at the end', () => {
  const { write, flushSync, writes } = collect();
  write('a');
  write('x'.repeat(64 * 1024));
  expect(writes).toHaveLength(2);
  write('b');
  flushSync();
  expect(writes.slice(2)).toEqual(['b', '(flushed)']);
  process.listeners('exit').at(-1)?.call(process, 0);
  process.removeListener('exit', flushSync);
});
