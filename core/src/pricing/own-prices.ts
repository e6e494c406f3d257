/** USD per million tokens. */
export interface ListPrice {
  /** What the upstream name begins with; the first that fits counts, so longer ones come first. */
  prefix: string;
  input: number;
  output: number;
  /** Read from the vendor's cache; absent: the vendor has none, or says no price. */
  cachedInput?: number;
}

/**
 * List prices of models that the price library does not know, as the vendors' price pages gave them in 2025 (Alibaba
 * Model Studio international, z.ai, Volcengine at 7.2 CNY a dollar, Moonshot, DeepSeek). They change without notice:
 * `price` in the configuration always comes first.
 */
export const OWN_PRICES: readonly ListPrice[] = [
  { prefix: 'qwen3-max', input: 1.2, output: 6, cachedInput: 0.24 },
  { prefix: 'qwen-max', input: 1.6, output: 6.4 },
  { prefix: 'qwen-plus', input: 0.4, output: 1.2 },
  { prefix: 'qwen-flash', input: 0.05, output: 0.4 },
  { prefix: 'qwen-turbo', input: 0.05, output: 0.2 },
  { prefix: 'glm-4.5-flash', input: 0, output: 0 },
  { prefix: 'glm-4-flash', input: 0, output: 0 },
  { prefix: 'glm-4.5-air', input: 0.2, output: 1.1, cachedInput: 0.03 },
  { prefix: 'glm-4.6', input: 0.6, output: 2.2, cachedInput: 0.11 },
  { prefix: 'glm-4.5', input: 0.6, output: 2.2, cachedInput: 0.11 },
  { prefix: 'doubao-seed-1-6-flash', input: 0.021, output: 0.21 },
  { prefix: 'doubao-seed-1-6', input: 0.11, output: 1.11 },
  { prefix: 'doubao-seed-1.6', input: 0.11, output: 1.11 },
  { prefix: 'doubao-1-5-pro', input: 0.11, output: 0.28 },
  { prefix: 'doubao-1-5-lite', input: 0.042, output: 0.083 },
  { prefix: 'kimi-k2', input: 0.6, output: 2.5, cachedInput: 0.15 },
  { prefix: 'moonshot-v1-8k', input: 0.2, output: 2 },
  { prefix: 'moonshot-v1-32k', input: 1, output: 3 },
  { prefix: 'moonshot-v1-128k', input: 2, output: 5 },
  { prefix: 'deepseek-chat', input: 0.28, output: 0.42, cachedInput: 0.028 },
  { prefix: 'deepseek-reasoner', input: 0.28, output: 0.42, cachedInput: 0.028 },
];
