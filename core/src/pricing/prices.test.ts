import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelConfig, modelSchema } from '../config/index.ts';
import { createPrices } from './prices.ts';

const prices = createPrices();
const model = (over: object): ModelConfig => modelSchema.parse({ id: 'm', provider: 'openai', ...over });
const usage = (inputTokens: number, outputTokens: number, cachedInputTokens = 0, cacheWriteTokens = 0) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens,
  cacheWriteTokens,
  estimated: false,
});

test('the configuration comes first, with cached tokens and tiers', () => {
  const price = {
    input: 2,
    output: 10,
    cached_input: 0.5,
    cache_write: 2.5,
    tiers: [{ from_input_tokens: 1000, input: 4, output: 20 }],
  };
  const priced = model({ model: 'gpt-4o', price });
  expect(prices.costOf(priced, usage(100, 10))).toBe(300);
  expect(prices.costOf(priced, usage(100, 10, 40, 20))).toBe(40 * 2 + 40 * 0.5 + 20 * 2.5 + 100);
  expect(prices.costOf(priced, usage(1000, 10))).toBe(4200);
});

test('known models have their list price, cached input is cheaper, and our own table fills the gaps', () => {
  expect(prices.costOf(model({ model: 'gpt-4o' }), usage(1_000_000, 0))).toBe(2_500_000);
  expect(prices.costOf(model({ model: 'gpt-4o' }), usage(1_000_000, 0, 1_000_000))).toBe(1_250_000);
  const claude = prices.ratesOf(model({ provider: 'anthropic', model: 'claude-sonnet-4-20250514' }), 1000);
  expect(claude).toEqual({ input: 3, output: 15, cachedInput: expect.closeTo(0.3), cacheWrite: expect.closeTo(3.75) });
  for (const name of ['qwen-plus-latest', 'glm-4.6', 'kimi-k2-turbo', 'doubao-seed-1-6-250615', 'deepseek-chat'])
    expect(prices.ratesOf(model({ provider: 'openai-compatible', model: name }), 10), name).toBeDefined();
});

test('what nobody knows, and what runs here, costs nothing', () => {
  expect(prices.costOf(model({ model: 'no-such-model' }), usage(10, 10))).toBe(0);
  expect(prices.ratesOf(model({ provider: 'ollama', model: 'gpt-4o' }), 10)).toBeUndefined();
});

test('a cost is a whole number of micro-dollars, never less than the exact one, and grows with the usage', () => {
  const rate = fc.double({ min: 0, max: 100, noNaN: true });
  const tokens = fc.nat(1_000_000);
  fc.assert(
    fc.property(rate, rate, tokens, tokens, (input, output, tokensIn, tokensOut) => {
      const priced = model({ price: { input, output } });
      const cost = prices.costOf(priced, usage(tokensIn, tokensOut));
      expect(Number.isInteger(cost)).toBe(true);
      expect(cost).toBeGreaterThanOrEqual(input * tokensIn + output * tokensOut - 0.001);
      expect(prices.costOf(priced, usage(tokensIn, tokensOut + 1))).toBeGreaterThanOrEqual(cost);
    }),
  );
});
