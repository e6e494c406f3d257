/** A server on 127.0.0.1 that plays one LLM API: same paths, shapes, headers and errors as the real one. */
export interface ModelSimulator {
  readonly api: 'openai' | 'anthropic';
  /** A model's `base_url`, as the official client takes it: OpenAI's ends in `/v1`, Anthropic's does not. */
  readonly url: string;
  /** Scheme, host and port alone (Azure's endpoint, health checks). */
  readonly origin: string;
  /** Every request, oldest first (bounded to the last 10,000). Keys only as position and fingerprint. */
  readonly requests: readonly RecordedRequest[];
  /** Resolves with the first request that satisfies `match` (now or later); rejects after `timeoutMs` (10 s). */
  waitForRequest(match: (request: RecordedRequest) => boolean, timeoutMs?: number): Promise<RecordedRequest>;
  /** Makes the API misbehave; returns how to stop it. Faults are tried in order, the first that applies is played. */
  misbehave(fault: ModelFault): () => void;
  /** Ends all streams, also the stalled ones. */
  close(): Promise<void>;
}

export interface ModelSimulatorOptions {
  /** Default: a free one. */
  port?: number;
  /** Writes the answer. Default: `You said: ` and the last message of the person. */
  reply?: (request: SimChatRequest) => string | SimReply | Promise<string | SimReply>;
  /** How fast an answer streams; default: as fast as the socket takes it. */
  tokensPerSecond?: number;
  /** How long the model thinks before its first token; default 0. */
  firstTokenMs?: number;
  /** Keys that are accepted. Default: every key, also none. */
  keys?: string[];
  /** Models there are; others are answered 404. Default: every name. */
  models?: string[];
  /** Remembers prompts as the API does and reports what came from its cache. Default: nothing is ever cached. */
  promptCache?: boolean;
}

/** An answer that is more than words. */
export interface SimReply {
  text?: string;
  /** Tools to be called, in order; only such as were offered. */
  toolCalls?: { name: string; arguments: unknown }[];
}

/** A chat request as `reply` sees it, the same for both APIs. */
export interface SimChatRequest {
  model: string;
  system: string;
  messages: { role: 'user' | 'assistant'; content: string }[];
  stream: boolean;
  maxTokens: number | undefined;
  temperature: number | undefined;
  /** Names of the tools that may be called. */
  tools: string[];
  /** What earlier calls in this conversation came to, oldest first. */
  toolResults: { id: string; content: string }[];
  /** The prompt in pieces; those before a `cached` mark are asked to be kept by the API (Anthropic). */
  parts: { text: string; cached: boolean }[];
}

export interface RecordedRequest {
  method: string;
  path: string;
  /** The parsed JSON body; undefined when there was none or it was not JSON. */
  body: unknown;
  chat: SimChatRequest | undefined;
  /** Position of the key in `options.keys`; undefined for an unknown key. */
  keyIndex: number | undefined;
  /** First 12 hex digits of the key's SHA-256; undefined when none was sent. */
  keyFingerprint: string | undefined;
  /** What was answered; 0 until then. */
  status: number;
  /** Tokens that went out. */
  tokensSent: number;
  /** How it ended: `client_left` when the client closed the connection before the end. */
  outcome: 'open' | 'complete' | 'client_left' | 'cut';
  /** Unix milliseconds. */
  at: number;
}

export interface ModelFault {
  /** How many requests it hits; default all until stopped. */
  times?: number;
  /** Only requests with the key at this position of `options.keys`. */
  keyIndex?: number;
  action: FaultAction;
}

/** `afterTokens` counts the simulator's tokens: pieces of four characters. */
export type FaultAction =
  /** 429 with `Retry-After`. */
  | { kind: 'rate_limit'; retryAfterSeconds?: number; retryAfterMs?: number }
  /** The API's overload answer: OpenAI 503, Anthropic 529. */
  | { kind: 'overloaded' }
  /** 429 `insufficient_quota`; Anthropic: 400 "Your credit balance is too low". */
  | { kind: 'out_of_money' }
  | { kind: 'unauthorized' }
  | { kind: 'context_length' }
  /** Refused by the content filter: before the first token with 400 (OpenAI only), or at the end of a stream. */
  | { kind: 'content_filter'; when: 'prompt' | 'answer' }
  | { kind: 'status'; status: number; body?: string }
  /** 200, but the body is an error as JSON. */
  | { kind: 'error_body' }
  /** The stream starts well, then carries an error. */
  | { kind: 'error_in_stream'; afterTokens: number; error?: 'server_error' | 'rate_limit' }
  /** Closes the socket. */
  | { kind: 'cut'; afterTokens: number }
  /** Goes silent with the connection open; Anthropic keeps sending pings. */
  | { kind: 'stall'; afterTokens: number }
  | { kind: 'malformed'; afterTokens: number }
  | { kind: 'slow_headers'; ms: number }
  /** A complete answer without any text. */
  | { kind: 'empty' }
  /** No token counts in the answer. */
  | { kind: 'no_usage' }
  /** The stream ends, all text sent, without its end marker. */
  | { kind: 'no_finish' };

export type FaultKind = FaultAction['kind'];
