import type { ProviderName } from '../config/index.ts';
import { azureIsCurrent } from './azure.ts';

/** What is particular to a vendor's API. */
export interface Vendor {
  /** Where the API is when the model names no endpoint; undefined: it has to name one. */
  baseUrl?: string;
  /** False where servers commonly run without keys (then no `Authorization` header is sent at all). */
  needsKey: boolean;
}

export const VENDORS: Record<ProviderName, Vendor> = {
  openai: { baseUrl: 'https://api.openai.com/v1', needsKey: true },
  'azure-openai': { needsKey: true },
  deepseek: { baseUrl: 'https://api.deepseek.com/v1', needsKey: true },
  glm: { baseUrl: 'https://open.bigmodel.cn/api/paas/v4', needsKey: true },
  ollama: { baseUrl: 'http://127.0.0.1:11434/v1', needsKey: false },
  'openai-compatible': { needsKey: false },
  anthropic: { baseUrl: 'https://api.anthropic.com', needsKey: true },
  echo: { needsKey: false },
};

/** How a server that speaks OpenAI's API differs from the others. */
export interface Dialect {
  /** The name of the output limit. */
  limitField: 'max_tokens' | 'max_completion_tokens';
  /** Whether it takes `stream_options`, and so ends a stream with its token counts. */
  reportsUsage: boolean;
}

/**
 * OpenAI's reasoning models refuse `max_tokens`, and all its chat models know `max_completion_tokens`. The compatible
 * servers (vLLM, llama.cpp, one-api, DeepSeek, GLM, Ollama) are only sure to know `max_tokens`; several ignore the
 * other silently, which would lift the limit.
 */
export function dialectOf({ provider, baseUrl }: { provider: ProviderName; baseUrl: string }): Dialect {
  const reportsUsage = provider !== 'azure-openai' || azureIsCurrent(baseUrl);
  const current = provider === 'openai' || (provider === 'azure-openai' && azureIsCurrent(baseUrl));
  return { limitField: current ? 'max_completion_tokens' : 'max_tokens', reportsUsage };
}
