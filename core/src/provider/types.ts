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
  /** For models that know them: passed through to the API. */
  extras?: RequestExtras | undefined;
  /**
   * Words that come within so long of those before may be handed on together: whoever shows the answer only now and then
   * need not look at every token of it. Not all providers do.
   */
  gatherMs?: number | undefined;
}

/** What callers of the chat API may ask for besides; the chat platforms never do. Shapes are OpenAI's. */
export interface RequestExtras {
  topP?: number | undefined;
  stop?: string[] | undefined;
  seed?: number | undefined;
  presencePenalty?: number | undefined;
  frequencyPenalty?: number | undefined;
  tools?: FunctionTool[] | undefined;
  toolChoice?: 'none' | 'auto' | 'required' | { name: string } | undefined;
  parallelToolCalls?: boolean | undefined;
  responseFormat?:
    | { type: 'text' | 'json_object' }
    | { type: 'json_schema'; jsonSchema: Record<string, unknown> }
    | undefined;
}

export interface FunctionTool {
  name: string;
  description?: string | undefined;
  /** JSON Schema. */
  parameters?: Record<string, unknown> | undefined;
  strict?: boolean | undefined;
}

/** `tool` is the result of a call that the assistant made earlier. */
export interface ChatMessage {
  role: 'user' | 'assistant' | 'tool';
  content: string;
  /** Pictures beside the text: https or data URLs. Only in a `user` message. */
  images?: { url: string; detail?: 'auto' | 'low' | 'high' | undefined }[] | undefined;
  /** Only in an `assistant` message. */
  toolCalls?: ToolCall[] | undefined;
  /** Only in a `tool` message: which call it answers. */
  toolCallId?: string | undefined;
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON text, as the model wrote it. */
  arguments: string;
}

/** Where and with what the attempt is made. */
export interface ModelCall {
  model: ModelConfig;
  baseUrl?: string | undefined;
  apiKey?: string | undefined;
  /** The address came from the console: no connection into the own network is made. */
  isChecked?: boolean | undefined;
  signal: AbortSignal;
}

export type ModelEvent =
  | { type: 'delta'; text: string }
  /** A piece of a tool call; id and name come with the first piece of each `index`. */
  | { type: 'tool_call'; index: number; id?: string | undefined; name?: string | undefined; arguments: string }
  | { type: 'finish'; reason: FinishReason; usage: Usage };

export type FinishReason = 'stop' | 'length' | 'tool_calls';

/** Tokens. `estimated` when the provider did not report them and the hub counted itself. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  /** Part of `inputTokens`: read from the provider's prompt cache. */
  cachedInputTokens: number;
  /** Part of `inputTokens`: written to it, where the provider charges for that. */
  cacheWriteTokens?: number | undefined;
  estimated: boolean;
}
