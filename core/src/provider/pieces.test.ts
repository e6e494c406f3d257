import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPieceReader } from './pieces.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function open(gatherMs?: number) {
  const body = new Readable({ read() {} });
  const reader = createPieceReader(body, { gatherMs, lastWord: '[DONE]' });
  const got: (string | undefined)[] = [];
  const reading = (async () => {
    for (let more = true; more; ) {
      const piece = await reader.next();
      got.push(piece && Buffer.from(piece).toString());
      more = piece !== undefined;
    }
  })();
  const say = async (text: string, thenMs = 0) => {
    body.push(text);
    await vi.advanceTimersByTimeAsync(thenMs);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { body, got, reading, say };
}

test('pieces come as they come', async () => {
  const { body, got, reading, say } = open();
  for (const text of ['a', 'b', 'c']) await say(text);
  expect(got).toEqual(['a', 'b', 'c']);
  body.push(null);
  await reading;
  expect(got.at(-1)).toBeUndefined();
});

test('gathered ones come together, but for the first and the last', async () => {
  const { body, got, reading, say } = open(100);
  await say('a', 20);
  expect(got).toEqual(['a']);
  await say('b', 20);
  await say('c', 20);
  expect(got).toEqual(['a']);
  await say('d', 40);
  expect(got).toEqual(['a', 'bcd']);
  // After a pause nothing is held back.
  await vi.advanceTimersByTimeAsync(500);
  await say('e', 10);
  expect(got).toEqual(['a', 'bcd', 'e']);
  await say('f', 10);
  await say('data: [DONE]');
  expect(got.slice(3)).toEqual(['fdata: [DONE]']);
  body.push(null);
  await reading;
  expect(vi.getTimerCount()).toBe(0);
});

test('an end without a last word is not held back either, nor is a break', async () => {
  const ended = open(100);
  await ended.say('a');
  await ended.say('b');
  ended.body.push(null);
  await ended.reading;
  expect(ended.got).toEqual(['a', 'b', undefined]);

  const broken = open(100);
  await broken.say('a');
  await broken.say('b');
  broken.body.destroy(new Error('cut'));
  await expect(broken.reading).rejects.toThrow('cut');
  expect(broken.got).toEqual(['a', 'b']);
});

test('much is handed on at once', async () => {
  const { got, say, body, reading } = open(100);
  await say('a');
  await say('x'.repeat(40_000));
  expect(got).toHaveLength(2);
  body.push(null);
  await reading;
});
