import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPieceReader } from './pieces.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function open(gatherMs?: number) {
  const source = { pause: vi.fn(), resume: vi.fn(), cut: vi.fn() };
  const reader = createPieceReader(source, { gatherMs, lastWord: '[DONE]' });
  const got: (string | undefined)[] = [];
  const reading = (async () => {
    for (let more = true; more; ) {
      const piece = await reader.next();
      got.push(piece && Buffer.from(piece).toString());
      more = piece !== undefined;
    }
  })();
  const say = async (text: string, thenMs = 0) => {
    reader.push(Buffer.from(text));
    await vi.advanceTimersByTimeAsync(thenMs);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { reader, source, got, reading, say };
}

test('pieces come as they come', async () => {
  const { reader, got, reading, say } = open();
  for (const text of ['a', 'b', 'c']) await say(text);
  expect(got).toEqual(['a', 'b', 'c']);
  reader.end();
  await reading;
  expect(got.at(-1)).toBeUndefined();
});

test('gathered ones come together, but for the first and the last', async () => {
  const { reader, got, reading, say } = open(100);
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
  reader.end();
  await reading;
  expect(vi.getTimerCount()).toBe(0);
});

test('an end without a last word is not held back either, nor is a break', async () => {
  const ended = open(100);
  await ended.say('a');
  await ended.say('b');
  ended.reader.end();
  await ended.reading;
  expect(ended.got).toEqual(['a', 'b', undefined]);

  const broken = open(100);
  await broken.say('a');
  await broken.say('b');
  broken.reader.fail(new Error('cut'));
  await expect(broken.reading).rejects.toThrow('cut');
  expect(broken.got).toEqual(['a', 'b']);
});

test('much is handed on at once', async () => {
  const { got, say, reader, reading } = open(100);
  await say('a');
  await say('x'.repeat(40_000));
  expect(got).toHaveLength(2);
  reader.end();
  await reading;
});

test('a reader that is slow makes the sender wait', async () => {
  const source = { pause: vi.fn(), resume: vi.fn(), cut: vi.fn() };
  const reader = createPieceReader(source, { lastWord: '[DONE]' });
  for (let i = 0; i < 10; i++) reader.push(Buffer.alloc(40_000));
  expect(source.pause).toHaveBeenCalledTimes(1);
  expect(await reader.next()).toHaveLength(400_000);
  expect(source.resume).toHaveBeenCalledTimes(1);
});

test('what is left of a whole body is let pass for a moment, anything else is cut', async () => {
  const left = open();
  await left.say('a');
  left.reader.close(false);
  expect(left.source.cut).toHaveBeenCalledTimes(1);

  const whole = open();
  whole.reader.close(true);
  whole.reader.end();
  const lingering = open();
  lingering.reader.close(true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(whole.source.cut).not.toHaveBeenCalled();
  expect(lingering.source.cut).toHaveBeenCalledTimes(1);
});
