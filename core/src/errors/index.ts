/**
 * The one error family. `message` is for operators and logs; `userText` names the catalogue text (core/i18n) a person
 * in a chat or a caller of the API may see. Nothing else about an error ever leaves the hub.
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: ErrorCode;
  /** How long to wait before another try makes sense, in milliseconds; absent when nobody said. */
  readonly retryAfterMs: number | undefined;
  /**
   * True when the other side may have carried the request out although we saw it fail (a timeout or a cut socket after
   * the request was written). Such a send must be reconciled, never blindly repeated.
   */
  readonly outcomeUnknown: boolean;
  /** Which fields are wrong, and what was expected of them. */
  readonly fields: readonly FieldIssue[] | undefined;

  constructor(code: ErrorCode, message: string, options: ParleyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.outcomeUnknown = options.outcomeUnknown ?? false;
    this.fields = options.fields;
  }
}

export interface ParleyErrorOptions {
  cause?: unknown;
  retryAfterMs?: number | undefined;
  outcomeUnknown?: boolean;
  fields?: readonly FieldIssue[] | undefined;
}

/** A mistake in what somebody sent: where (`channels[0].id`), and what was expected. Never contains a secret. */
export interface FieldIssue {
  path: string;
  message: string;
}

/** Stable codes: they appear in API answers, logs and metrics, so they are never renamed. */
export type ErrorCode =
  // Inbound and HTTP
  | 'invalid_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'payload_too_large'
  // The admin API: changed meanwhile; the version is not named; already there; a second factor is needed
  | 'precondition_failed'
  | 'precondition_required'
  | 'conflict'
  | 'totp_required'
  | 'unavailable'
  // Limits and the guard
  | 'rate_limited'
  | 'quota_exceeded'
  | 'budget_exceeded'
  | 'blocked'
  // Configuration
  | 'invalid_config'
  // Models (provider errors)
  | 'model_rate_limited'
  | 'model_overloaded'
  | 'model_auth'
  | 'model_out_of_money'
  | 'model_context_too_long'
  | 'model_content_filtered'
  | 'model_timeout'
  | 'model_aborted'
  | 'model_invalid_request'
  | 'model_bad_response'
  | 'no_model_available'
  // Platforms (outbound)
  | 'platform_rate_limited'
  | 'platform_unavailable'
  | 'platform_unauthorized'
  | 'platform_rejected'
  // Everything we did not foresee
  | 'internal';

/** Any thrown value as a ParleyError; an unknown one becomes `internal` with the original as its cause. */
export function toParleyError(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ParleyError('internal', message, { cause: thrown });
}
