import { type ErrorCode, ParleyError, type ParleyErrorOptions } from '@parley/core/errors';

/** A call that Feishu itself refused, with its code for callers to decide on. */
export class FeishuRefusal extends ParleyError {
  /** `code` of the answer (https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code); 0 if it had none. */
  readonly feishuCode: number;

  constructor(code: ErrorCode, message: string, feishuCode: number, options: ParleyErrorOptions) {
    super(code, message, options);
    this.feishuCode = feishuCode;
  }
}

/** What was heard of a call, as far as it decides what the failure is. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  /** Whether Feishu may have carried something out although it reports a failure. */
  hasEffect: boolean;
}

/** An answer that is no success, as an error. Keeps Feishu's code and words, nothing of the request. */
export function refusal(operation: string, { status, headers, body, hasEffect }: Answer): FeishuRefusal {
  const feishuCode = codeOf(body) ?? 0;
  const message = `${operation}: HTTP ${status}, code ${feishuCode} ${safeWords(body)}`.trim();
  if (status === 429 || RATE_LIMITED.has(feishuCode)) {
    return new FeishuRefusal('platform_rate_limited', message, feishuCode, { retryAfterMs: retryAfterMs(headers) });
  }
  if (TOKEN_REFUSED.has(feishuCode) || NOT_PERMITTED.has(feishuCode) || status === 401 || status === 403) {
    return new FeishuRefusal('platform_unauthorized', message, feishuCode, {});
  }
  if (status >= 500 || BUSY.has(feishuCode) || (status < 300 && feishuCode === 0)) {
    // What stands behind a gateway that gave up may still carry the call out; so may what answers in no known form.
    return new FeishuRefusal('platform_unavailable', message, feishuCode, { outcomeUnknown: hasEffect });
  }
  return new FeishuRefusal('platform_rejected', message, feishuCode, {});
}

/** The access token has run out or was withdrawn; a new one helps. */
export function isTokenRefused(thrown: unknown): boolean {
  return thrown instanceof FeishuRefusal && TOKEN_REFUSED.has(thrown.feishuCode);
}

/** Feishu could not make a card of the content (too many tables, markup it does not take, …); plain text may pass. */
export function isCardRefused(thrown: unknown): boolean {
  return thrown instanceof FeishuRefusal && CARD_REFUSED.has(thrown.feishuCode);
}

/** The message to be answered is gone: withdrawn or deleted. */
export function isTargetGone(thrown: unknown): boolean {
  return thrown instanceof FeishuRefusal && TARGET_GONE.has(thrown.feishuCode);
}

/** The card was sent by an earlier call, and a card can be sent only once. */
export function isCardAlreadySent(thrown: unknown): boolean {
  // 230099 wraps the reason; only its words carry the number.
  return thrown instanceof FeishuRefusal && /\b200780\b/.test(thrown.message);
}

/** A streamed card takes no more text: ten minutes are over, or somebody closed the stream. */
export function isStreamClosed(thrown: unknown): boolean {
  return thrown instanceof FeishuRefusal && STREAM_CLOSED.has(thrown.feishuCode);
}

/** An operation on a card came with a number that is not above that of the one before it. */
export function isSequenceTaken(thrown: unknown): boolean {
  return thrown instanceof FeishuRefusal && thrown.feishuCode === 300317;
}

/** `code` of an answer: 0 is success, whatever the HTTP status says. */
export function codeOf(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || !('code' in body)) return undefined;
  return typeof body.code === 'number' ? body.code : undefined;
}

const RATE_LIMITED = new Set([
  99991400, // the application calls this API too often
  230020, // this chat gets messages too often
  11232, // the tenant sends too often
  11233, // the chat gets too much
]);
const TOKEN_REFUSED = new Set([99991661, 99991663, 99991664, 99991668]);
const NOT_PERMITTED = new Set([
  99991672, // a scope is missing
  99991679,
  230006, // the bot ability is off
  230027, // a scope is missing
  10003, // app_id or app_secret is wrong (token endpoint)
  10014,
  514, // the same, asked for a long connection
  403, // long connections are not allowed to this app
]);
const BUSY = new Set([
  230049, // the same message is being sent right now
  1500, // internal error
  1663,
  1000040343, // internal error, asked for a long connection
  300120, // internal error of CardKit
  200810, // somebody is pressing a button of the card right now
]);
const CARD_REFUSED = new Set([
  230001, // invalid parameter; also "This message is NOT a card" when patching a text
  230025, // content too long
  230099, // failed to create card content; the reason (11310 tables, 200621 parse error, …) is only in its words
  11310,
  200220, // what CardKit says instead of 230099
  200380,
  200550,
  200570,
  200621,
  200732,
  200860, // card content too long
  300305, // more than 200 components
]);
const STREAM_CLOSED = new Set([
  200850, // by itself, ten minutes after it was opened
  300309,
]);
const TARGET_GONE = new Set([230011, 230110]);

/** The header is in seconds; without it the chat's limit (5 a second) says that a second is enough. */
function retryAfterMs(headers: Answer['headers']): number {
  const seconds = Number(headers['x-ogw-ratelimit-reset'] ?? headers['retry-after']);
  return seconds > 0 ? Math.ceil(seconds * 1000) : 1000;
}

/** Feishu's `msg` is its own words, but behind `ErrorValue` it quotes what was sent. */
function safeWords(body: unknown): string {
  const message: unknown = typeof body === 'object' && body !== null && 'msg' in body ? body.msg : '';
  return String(message ?? '')
    .replace(/ErrorValue.*/is, '')
    .replace(/\b[tua]-[\w.-]{10,}/g, '[token]')
    .slice(0, 200);
}
