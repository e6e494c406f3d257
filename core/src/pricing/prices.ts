import { createRequire } from 'node:module';
import type { calcPrice } from '@pydantic/genai-prices';
import { LRUCache } from 'lru-cache';
import type { ModelConfig, PriceConfig } from '../config/index.ts';
import type { Usage } from '../provider/types.ts';
import { OWN_PRICES } from './own-prices.ts';
import type { Prices, Rates } from './types.ts';

/** The library's names of our providers; the others are looked up by the model's name alone. */
const LIBRARY_PROVIDERS: Partial<Record<ModelConfig['provider'], string>> = {
  openai: 'openai',
  'azure-openai': 'azure',
  anthropic: 'anthropic',
};
/** Providers that cost nothing. */
const FREE: readonly ModelConfig['provider'][] = ['echo', 'ollama'];
/** Prices change with the length of the prompt in steps, none of them shorter than this. */
const STEP_TOKENS = 1_000;
const MAX_REMEMBERED = 1_000;

const require = createRequire(import.meta.url);
/** Loaded when a list price is first asked for: its table takes 50 ms, which no start should wait for. */
const library = (): { calcPrice: typeof calcPrice } => require('@pydantic/genai-prices');

/**
 * Prices from the configuration, else from the bundled tables (nothing is downloaded). Where nobody knows a price the
 * model counts as free, and a budget cannot hold it: the hub says so when it starts.
 */
export function createPrices(): Prices {
  const known = new LRUCache<string, { rates: Rates | undefined }>({ max: MAX_REMEMBERED });

  function ratesOf(model: ModelConfig, inputTokens: number): Rates | undefined {
    if (model.price) return configured(model.price, inputTokens);
    if (FREE.includes(model.provider)) return undefined;
    const step = Math.ceil(inputTokens / STEP_TOKENS);
    const key = `${model.provider}\0${model.model ?? model.id}\0${step}`;
    const found = known.get(key) ?? { rates: listed(model, Math.max(1, step) * STEP_TOKENS) };
    known.set(key, found);
    return found.rates;
  }

  return {
    ratesOf,
    costOf(model, usage) {
      const rates = ratesOf(model, usage.inputTokens);
      return rates ? costAt(rates, usage) : 0;
    },
  };
}

function costAt(rates: Rates, { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens = 0 }: Usage): number {
  const plain = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
  const cost =
    plain * rates.input +
    cachedInputTokens * rates.cachedInput +
    cacheWriteTokens * rates.cacheWrite +
    outputTokens * rates.output;
  // Up to a whole micro-dollar, but not for what binary fractions add.
  return Math.ceil(cost - 1e-6);
}

function configured({ tiers = [], ...base }: PriceConfig, inputTokens: number): Rates {
  const reached = tiers.filter(({ from_input_tokens: from }) => inputTokens >= from);
  const tier = reached.sort((a, b) => b.from_input_tokens - a.from_input_tokens)[0] ?? base;
  return {
    input: tier.input,
    output: tier.output,
    cachedInput: tier.cached_input ?? tier.input,
    cacheWrite: tier.cache_write ?? tier.input,
  };
}

function listed(model: ModelConfig, inputTokens: number): Rates | undefined {
  const name = (model.model ?? model.id).toLowerCase();
  const own = OWN_PRICES.find(({ prefix }) => name.startsWith(prefix));
  if (own) {
    const { input, output, cachedInput = input } = own;
    return { input, output, cachedInput, cacheWrite: input };
  }
  const providerId = LIBRARY_PROVIDERS[model.provider];
  const { calcPrice: priceOf } = library();
  const price = (usage: Parameters<typeof calcPrice>[0]) => priceOf(usage, name, providerId ? { providerId } : {});
  const plain = price({ input_tokens: inputTokens, output_tokens: inputTokens });
  if (!plain) return undefined;
  const cached = price({ input_tokens: inputTokens, cache_read_tokens: inputTokens });
  const written = price({ input_tokens: inputTokens, cache_write_tokens: inputTokens });
  const perToken = (usd: number | undefined) => ((usd ?? plain.input_price) * 1_000_000) / inputTokens;
  return {
    input: perToken(plain.input_price),
    output: perToken(plain.output_price),
    cachedInput: perToken(cached?.input_price),
    cacheWrite: perToken(written?.input_price),
  };
}
