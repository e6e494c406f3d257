import type { ModelConfig } from '../config/index.ts';

/** One LLM API. Makes exactly one attempt per call: retries, key choice and fallback are the core's. */
export interface Provider {
  /**
   * Streams one answer. Yields text as it comes, and at the end exactly one `finish`. A stream that ends without the
   * provider's own end marker throws `model_bad_response`; silence longer than `timeoutSeconds` (to the first token,
   * then between tokens) throws `model_timeout`; an aborted signal throws `model_aborted`. All errors are `ParleyError`s
   * of the `model_*` codes, without keys and without prompt text.
   */
  stream(request: ModelRequest, call: ModelCall): AsyncIterable<ModelEvent>;
}

export interface ModelRequest {
  system?: string | undefined;
  messages: ChatMessage[];
  maxOutputTokens?: number | undefined;
  temperature?: number | undefined;
}

export interface ChatMessage {
  role: 'user' | 'assistant';
  content: string;
}

/** Where and with what the attempt is made. */
export interface ModelCall {
  model: ModelConfig;
  baseUrl?: string | undefined;
  apiKey?: string | undefined;
  signal: AbortSignal;
}

export type ModelEvent = { type: 'delta'; text: string } | { type: 'finish'; reason: 'stop' | 'length'; usage: Usage };

/** Tokens. `estimated` when the provider did not report them and the hub counted itself. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  estimated: boolean;
}
