import type { ApiKeyConfig, TenantConfig } from '../config/index.ts';
import type { Language, Platform } from '../message/index.ts';
import type { Usage } from '../provider/types.ts';

/** Who asks, as far as limits look at it. */
export interface QuotaSubject {
  tenant: TenantConfig;
  platform: Platform | 'api';
  /** Pseudonym; unique within tenant and platform. */
  user: string;
  /** The group chat it was asked in, as an opaque id; absent in direct chats and on the API. */
  group?: string | undefined;
  apiKey?: Pick<ApiKeyConfig, 'id' | 'limits'> | undefined;
}

export interface ReserveRequest {
  /** The turn's id. Reserving it again gives the earlier answer back: a resumed turn is not charged twice. */
  requestId: string;
  subject: QuotaSubject;
  /** The model that is asked first: its `model_limits` count. */
  model: string;
  /** Estimated, of the whole prompt. */
  inputTokens: number;
  /** What the answer may have at most; clamped to the money that is left, never below `MIN_OUTPUT_TOKENS`. */
  maxOutputTokens: number;
  /** Micro-dollars per token at the dearest model of the chain; 0 when nobody knows a price. */
  inputPrice: number;
  outputPrice: number;
  /** How long the hold lasts unless settled; the turn's deadline and some more. */
  holdMs: number;
}

export type LimitLevel = 'tenant' | 'user' | 'model' | 'api_key' | 'platform' | 'group';
export type LimitWindow = 'minute' | 'hour' | 'day' | 'month';

/** One limit and where it stands. */
export interface LimitState {
  level: LimitLevel;
  window: LimitWindow;
  unit: 'requests' | 'tokens' | 'micro_usd';
  limit: number;
  /** Including what is reserved. */
  used: number;
  remaining: number;
  /** Unix ms: when the window begins anew (day, month), or when enough of it has slid by for one more (minute, hour). */
  resetAt: number;
  /** The model, key or platform it is of, where the level has several. */
  name?: string | undefined;
}

/** A share of a budget that was just crossed; told once per period over all processes. */
export interface BudgetWarning {
  tenant: string;
  /** Set for the budget of one user. */
  user?: string | undefined;
  /** 0–1; 1 when the budget is used up. */
  share: number;
  usedMicroUsd: number;
  limitMicroUsd: number;
  /** The period as `2026-11`. */
  period: string;
}

export type ReserveResult =
  | {
      status: 'admitted';
      /** True when this request id held a reservation already. */
      repeated: boolean;
      /** What the answer may have: at most as asked for. */
      maxOutputTokens: number;
      /** The tightest request limit after this request, for `X-RateLimit-*`; undefined when there is none. */
      tightest: LimitState | undefined;
    }
  | {
      status: 'refused';
      /** `budget`: money. `quota`: a day or month. `rate`: a minute or hour. */
      reason: 'rate' | 'quota' | 'budget';
      limit: LimitState;
      retryAfterMs: number;
      warnings: BudgetWarning[];
    };

/** What really happened to a reserved request. All endings come here: success, error, abort, stall. */
export interface Settlement {
  requestId: string;
  tenant: string;
  status: 'success' | 'failed' | 'aborted';
  /** Absent when no model was reached: nothing is charged, and the request does not count. */
  model?: string | undefined;
  usage?: Usage | undefined;
  costMicroUsd: number;
  /** Answered from the cache: counts as a request at no cost. */
  cached?: boolean | undefined;
}

/** One row of the ledger. JSON in the stream, a row in Postgres under `requestId`. */
export interface LedgerRow {
  requestId: string;
  tenant: string;
  platform: Platform | 'api';
  user: string;
  group?: string | undefined;
  apiKey?: string | undefined;
  model?: string | undefined;
  status: 'success' | 'failed' | 'aborted' | 'expired';
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  costMicroUsd: number;
  /** The usage is an estimate of ours. */
  estimated: boolean;
  cached: boolean;
  /** The hold ran out: nobody settled it, the known input was charged. */
  unreconciled: boolean;
  /** Unix ms. */
  at: number;
}

/** A user or key that uses far more than ever before. */
export interface Anomaly {
  tenant: string;
  kind: 'user' | 'api_key';
  name: string;
  tokensThisHour: number;
  /** Mean of the hours it was active in before. */
  usualTokens: number;
}

export interface SettleResult {
  /** False: settled before, or never reserved (then nothing was done). */
  settled: boolean;
  anomaly?: Anomaly | undefined;
  /** Shares of budgets that were crossed by what was really spent. */
  warnings: BudgetWarning[];
}

/**
 * Quota and money, over all levels at once. One EVALSHA to reserve, one to settle; both idempotent under the request id.
 * Every method rejects with `unavailable` while Redis is away: budgets fail closed.
 */
export interface Quota {
  reserve(request: ReserveRequest): Promise<ReserveResult>;
  settle(settlement: Settlement): Promise<SettleResult>;
  /** What is left, for `/quota` and `GET /v1/quota`: every configured limit that applies to the subject. */
  snapshot(subject: QuotaSubject, models: readonly string[]): Promise<LimitState[]>;
  /** Ends holds that nobody settled, of all tenants, a bounded number at a time; returns how many. */
  reap(tenants: readonly string[]): Promise<number>;
  /**
   * Moves ledger rows to the database, oldest first: a row goes only after `write` (idempotent under the request id)
   * has resolved. Returns how many.
   */
  drainLedger(tenants: readonly string[], write: (rows: LedgerRow[]) => Promise<void>): Promise<number>;
}

/** Fewer output tokens than this are no answer: the budget counts as used up instead. */
export const MIN_OUTPUT_TOKENS = 16;

/** Words for a refusal in the asker's language, naming the limit and when it resets. */
export type RefusalText = (
  refusal: Extract<ReserveResult, { status: 'refused' }>,
  language: Language,
  timezone: string,
) => string;
