import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens, loadTokenCounter, maxTokensOf } from './tokens.ts';

test('counts as the tokenizer does on short texts', async () => {
  expect(await countTokens('')).toBe(0);
  expect(await countTokens('hello world')).toBe(2);
  expect(await countTokens('你好世界')).toBe(2);
});

test('takes special tokens for plain text', async () => {
  expect(await countTokens('<|endoftext|> hi')).toBeGreaterThan(2);
});

test('extrapolates a huge text from samples', async () => {
  const sentence = 'The quick brown fox jumps over the lazy dog. ';
  const per = await countTokens(sentence);
  const huge = await countTokens(sentence.repeat(50_000));
  expect(huge).toBeGreaterThan(per * 50_000 * 0.9);
  expect(huge).toBeLessThan(per * 50_000 * 1.15);
});

test('hands the tokenizer only a bounded part of a text that is slow to tokenize', async () => {
  // In full this text takes the tokenizer minutes: the test would run into its time limit.
  expect(await countTokens('你好世界今天天气'.repeat(50_000))).toBeGreaterThan(50_000);
});

test('the cheap bound is never below the count', async () => {
  const count = await loadTokenCounter();
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      expect(count(text)).toBeLessThanOrEqual(maxTokensOf(text));
    }),
    { numRuns: 200 },
  );
});

test('counts the same the second time, whether a text is remembered or too long for that', async () => {
  for (const text of ['hello world', 'One sentence. '.repeat(20), 'One sentence. '.repeat(1_000)]) {
    expect(await countTokens(text)).toBe(await countTokens(text));
  }
  expect(await countTokens('hello world ')).toBeGreaterThan(await countTokens('hello world'));
});
