import type { AnswerCache } from '../answer-cache/types.ts';
import type { AnswerDeps, ModelAttempt } from '../chat/types.ts';
import type { ApiKeyConfig, ModelConfig, TenantConfig } from '../config/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import type { TenantGuard, VaultStore } from '../guard/types.ts';
import type { Language, Platform } from '../message/index.ts';
import type { Prices } from '../pricing/types.ts';
import type { ChatMessage, FinishReason, RequestExtras, ToolCall, Usage } from '../provider/types.ts';
import type { Anomaly, BudgetWarning, LimitState, Quota } from '../quota/types.ts';
import type { RuleSet } from '../rules/index.ts';
import type { Span } from '../telemetry/tracing.ts';

/** A question to the chat core, from a chat platform or the API: one way through guard, rules, cache, quota and models. */
export interface Question {
  requestId: string;
  /** How a caller of the API calls it: for the log, and for nothing else, as two may have the same. */
  clientRequestId?: string | undefined;
  tenant: TenantConfig;
  platform: Platform | 'api';
  /** Pseudonym. */
  user: string;
  /** The group chat, as an opaque id; absent in direct chats and on the API. */
  group?: string | undefined;
  apiKey?: Pick<ApiKeyConfig, 'id' | 'limits'> | undefined;
  /** What masks and the affinity of keys belong to. */
  conversation: string;
  /** Under which it is recorded, where that is another one. */
  recordedUnder?: string | undefined;
  language: Language;
  text: string;
  images?: ChatMessage['images'];
  /** For rule templates. */
  senderName?: string | undefined;
  /** Earlier turns, masked, oldest first; asked for only when a model or the cache needs to know. */
  history: () => Promise<ChatMessage[]>;
  /** Further messages between the history and the question, as a caller sent them: masked here. */
  messages?: ChatMessage[] | undefined;
  /** Goes after the tenant's own system prompt: the system messages of an API caller. */
  system?: string | undefined;
  preferredModel?: string | undefined;
  /** The caller named the model: no other may answer. */
  onlyModel?: boolean | undefined;
  temperature?: number | undefined;
  /** As in `ModelRequest`. */
  gatherMs?: number | undefined;
  maxOutputTokens?: number | undefined;
  extras?: RequestExtras | undefined;
  /** Rules are for people who chat; API callers want the model. */
  withRules: boolean;
  /** Unix ms after which no new attempt is begun. */
  deadlineAt: number;
  /** What its steps are told to; absent without traces. */
  span?: Span | undefined;
  /** The asker has gone, or stopped the answer: what had come until then is charged. */
  signal: AbortSignal;
  /**
   * The result does not wait for the settlement, which `settled` then tells of: for an asker who has something else to
   * ask of Redis meanwhile.
   */
  settlesLater?: boolean | undefined;
  /** The question is asked again elsewhere under the same id: it ends without a trace in quota and ledger. */
  handedBack?: AbortSignal | undefined;
}

export type QuestionEvent =
  /** Before the first piece of an answer. */
  | { type: 'begun'; model: string; attempts: number; cache: 'hit' | 'miss' | undefined; limit: LimitState | undefined }
  | { type: 'delta'; text: string }
  | { type: 'tool_call'; index: number; id?: string | undefined; name?: string | undefined; arguments: string }
  /** Always the last one. */
  | { type: 'done'; result: QuestionResult };

/** What a question came to. Failures and refusals are results, not exceptions. */
export interface QuestionResult {
  status: 'success' | 'denied' | 'failed';
  by: 'model' | 'cache' | 'rule' | 'ignored' | 'guard' | 'quota' | 'failure';
  /** For the asker: restored. For a refusal or a failure: what had been shown before it; the words are the caller's. */
  text: string;
  /** Question and answer for history and transcripts: masked. */
  masked: { question: string; answer: string };
  errorCode?: ErrorCode | undefined;
  retryAfterMs?: number | undefined;
  /** Which limit refused it, or is the tightest. */
  limit?: LimitState | undefined;
  refusedBecause?: 'rate' | 'quota' | 'budget' | 'keyword' | 'injection' | undefined;
  model?: string | undefined;
  usage?: Usage | undefined;
  costMicroUsd: number;
  finishReason?: FinishReason | undefined;
  toolCalls?: ToolCall[] | undefined;
  attempts: ModelAttempt[];
  cache?: 'hit' | 'miss' | undefined;
  warnings: BudgetWarning[];
  anomaly?: Anomaly | undefined;
  /** What the settlement came to, of a question that `settlesLater`. Never rejects. */
  settled?: Promise<Settled> | undefined;
  /** What was decided on the way, in order, for the timeline. */
  decisions: Decision[];
}

export interface Decision {
  what: string;
  detail?: Record<string, string | number | boolean | undefined> | undefined;
  /** When, Unix ms; absent in what older versions recorded. */
  at?: number | undefined;
}

/** What is known only when the bill is. */
export type Settled = Pick<QuestionResult, 'anomaly' | 'warnings'>;

export interface PipelineDeps {
  guardOf: (tenant: string) => TenantGuard;
  vaults: VaultStore;
  cache: AnswerCache;
  quota: Quota;
  prices: Prices;
  rules: RuleSet;
  models: ReadonlyMap<string, ModelConfig>;
  answerDeps: AnswerDeps;
}
