import type { Logger } from 'pino';
import type { ChannelConfig, ModelConfig, TenantConfig } from '../config/index.ts';
import type { Pool } from '../pool/types.ts';
import type { ChatMessage, FinishReason, Provider, RequestExtras, ToolCall, Usage } from '../provider/types.ts';
import type { Span } from '../telemetry/tracing.ts';

/** A question to the chat core. It says nothing of platforms or queues: the chat API asks the same way. */
export interface AnswerRequest {
  requestId: string;
  tenant: TenantConfig;
  /** Earlier turns of the conversation, oldest first. */
  history: ChatMessage[];
  question: string;
  images?: ChatMessage['images'];
  /** Goes after the tenant's own system prompt: what an API caller says. */
  system?: string | undefined;
  /** Models to try in order, as `modelChain` made it. */
  chain: readonly ModelConfig[];
  /** What keeps its key while it can. */
  affinity: string;
  extras?: RequestExtras | undefined;
  temperature?: number | undefined;
  /** As in `ModelRequest`. */
  gatherMs?: number | undefined;
  maxOutputTokens?: number | undefined;
  /** Unix ms after which no new attempt is begun. */
  deadlineAt: number;
  /** What the attempts are told to; absent without traces. */
  span?: Span | undefined;
  signal: AbortSignal;
}

export interface AnswerDeps {
  pool: Pool;
  /** Provider for a model. */
  providerFor: (model: ModelConfig) => Provider;
  logger: Logger;
  /** @param span what the attempt was a part of, where traces are recorded */
  onAttempt?: (attempt: ModelAttempt, span?: Span) => void;
  /** The model that has begun to answer; called again when another one goes on. */
  onBegin?: (model: string) => void;
}

/** One call to one model, told to the timeline and the metrics. */
export interface ModelAttempt {
  model: string;
  endpoint?: string | undefined;
  /** Position of the key in the pool and its fingerprint, never the key. */
  keyIndex?: number | undefined;
  keyFingerprint?: string | undefined;
  status: 'success' | 'failed';
  errorCode?: string | undefined;
  /** Unix ms; absent in turns from before it was noted. */
  startedAt?: number | undefined;
  firstTokenMs?: number | undefined;
  durationMs: number;
  /**
   * What has to be paid for: as reported after a success; estimated where text had come before it broke off, or the asker
   * left while it was under way. Absent: the attempt cost nothing.
   */
  usage?: Usage | undefined;
}

export type AnswerEvent =
  | { type: 'delta'; text: string }
  | { type: 'tool_call'; index: number; id?: string | undefined; name?: string | undefined; arguments: string }
  /** Last event of a good answer. `usage`: of all attempts that have to be paid for. */
  | {
      type: 'done';
      text: string;
      model: string;
      usage: Usage;
      attempts: number;
      finishReason: FinishReason;
      toolCalls?: ToolCall[] | undefined;
    };

/** The channel as the turn's worker sees it together with its tenant. */
export interface TurnScope {
  tenant: TenantConfig;
  channel: ChannelConfig;
}
