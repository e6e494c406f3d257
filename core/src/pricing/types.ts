import type { ModelConfig } from '../config/index.ts';
import type { Usage } from '../provider/types.ts';

/** Micro-dollars per token (the same number as USD per million tokens). */
export interface Rates {
  input: number;
  output: number;
  cachedInput: number;
  cacheWrite: number;
}

export interface Prices {
  /** The rates of a model for a prompt of that many tokens; undefined when neither the configuration nor a table knows it. */
  ratesOf(model: ModelConfig, inputTokens: number): Rates | undefined;
  /** Whole micro-dollars, rounded up; 0 where no rate is known. */
  costOf(model: ModelConfig, usage: Usage): number;
}
