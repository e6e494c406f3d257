import type { Logger } from 'pino';
import type { ChannelConfig, ModelConfig, TenantConfig } from '../config/index.ts';
import type { ChatMessage, Provider, Usage } from '../provider/types.ts';

/** A question to the chat core. It says nothing of platforms or queues: the chat API asks the same way. */
export interface AnswerRequest {
  requestId: string;
  tenant: TenantConfig;
  /** Earlier turns of the conversation, oldest first. */
  history: ChatMessage[];
  question: string;
  /** Model picked for this conversation by `/model`; tried before the tenant's list. */
  preferredModel?: string | undefined;
  temperature?: number | undefined;
  maxOutputTokens?: number | undefined;
  signal: AbortSignal;
}

export interface AnswerDeps {
  /** Model by id, as the current configuration has it. */
  models: ReadonlyMap<string, ModelConfig>;
  /** Provider for a model. */
  providerFor: (model: ModelConfig) => Provider;
  logger: Logger;
  onAttempt?: (attempt: ModelAttempt) => void;
}

/** One call to one model, told to the timeline and the metrics. */
export interface ModelAttempt {
  model: string;
  endpoint?: string | undefined;
  /** Position of the key in the pool, never the key. */
  keyIndex?: number | undefined;
  status: 'success' | 'failed';
  errorCode?: string | undefined;
  firstTokenMs?: number | undefined;
  durationMs: number;
}

export type AnswerEvent =
  | { type: 'delta'; text: string }
  /** Last event of a good answer. */
  | { type: 'done'; text: string; model: string; usage: Usage; attempts: number; finishReason: 'stop' | 'length' };

/** The channel as the turn's worker sees it together with its tenant. */
export interface TurnScope {
  tenant: TenantConfig;
  channel: ChannelConfig;
}
