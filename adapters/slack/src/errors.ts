import { wasNeverSent } from '@parley/core/adapter';
import { type ErrorCode, ParleyError } from '@parley/core/errors';
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';

/** Any failure of a call to Slack as a `platform_*` error. The message names the method and Slack's error code, no content. */
export function toPlatformError(method: string, thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  if (thrown instanceof WebAPIRateLimitedError) return rateLimited(method, thrown.retryAfter, thrown);
  if (thrown instanceof WebAPIPlatformError) return fromAnswer(method, thrown);
  if (thrown instanceof WebAPIHTTPError)
    return fromStatus(method, thrown.statusCode, thrown.headers['retry-after'], thrown);
  // The SDK throws a bare Error for a 429 whose Retry-After is missing or unreadable.
  if (thrown instanceof Error && thrown.message.startsWith('Retry header'))
    return rateLimited(method, undefined, thrown);
  return fromTransport(method, thrown);
}

/** Slack's own error code, such as `not_in_channel`, where the error came from an answer of Slack. */
export function slackCode(error: unknown): string | undefined {
  const cause = error instanceof ParleyError ? error.cause : error;
  return cause instanceof WebAPIPlatformError ? cause.data.error : undefined;
}

const UNAUTHORIZED = new Set([
  'access_denied',
  'account_inactive',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_auth',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'org_login_required',
  'team_access_not_granted',
  'token_expired',
  'token_revoked',
]);
const RATE_LIMITED = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
const UNAVAILABLE = new Set(['request_timeout', 'service_unavailable', 'team_added_to_org']);
/** Slack documents that part of the operation may have succeeded before these were raised. */
const MAYBE_DONE = new Set(['fatal_error', 'internal_error']);

function fromAnswer(method: string, error: WebAPIPlatformError): ParleyError {
  const code = error.data.error;
  // A body that is no JSON (a proxy's error page) comes as `error: BODY`; nobody can tell what happened behind it.
  if (!/^[a-z0-9_.:-]{1,100}$/i.test(code)) return unavailable(method, 'unreadable answer', true);
  if (RATE_LIMITED.has(code)) return rateLimited(method, error.data.response_metadata?.retryAfter, error);
  if (MAYBE_DONE.has(code)) return unavailable(method, code, true, error);
  if (UNAVAILABLE.has(code)) return unavailable(method, code, false, error);
  const needed = 'needed' in error.data && typeof error.data.needed === 'string' ? ` (needs ${error.data.needed})` : '';
  const kind: ErrorCode = UNAUTHORIZED.has(code) ? 'platform_unauthorized' : 'platform_rejected';
  return new ParleyError(kind, `Slack refused ${method}: ${code}${needed}`, { cause: error });
}

/**
 * An HTTP status other than 200. 503 means that nothing was done; behind any other 5xx the call may have had its effect.
 *
 * @param retryAfter the Retry-After header, in seconds
 */
export function fromStatus(method: string, status: number, retryAfter?: string | null, cause?: unknown): ParleyError {
  if (status === 429) return rateLimited(method, Number.parseInt(retryAfter ?? '', 10), cause);
  if (status >= 500 || status === 408) {
    const seconds = Number.parseInt(retryAfter ?? '', 10);
    return unavailable(method, `HTTP ${status}`, status !== 503, cause, seconds);
  }
  const kind: ErrorCode = status === 401 || status === 403 ? 'platform_unauthorized' : 'platform_rejected';
  return new ParleyError(kind, `Slack refused ${method}: HTTP ${status}`, { cause });
}

/** A failure below HTTP: no connection, a cut socket, a timeout, an abort. */
export function fromTransport(method: string, thrown: unknown): ParleyError {
  const code = transportCode(thrown);
  return unavailable(method, code, !wasNeverSent(code), thrown);
}

/** The innermost error code: the SDK wraps fetch's error, fetch wraps the socket's. */
function transportCode(thrown: unknown): string {
  let found = 'connection failed';
  for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 6; error = error.cause, depth += 1) {
    if ('code' in error && typeof error.code === 'string' && !error.code.startsWith('slack_')) found = error.code;
    else if (error.name === 'TimeoutError' || error.name === 'AbortError') found = error.name;
    // Several addresses tried (IPv6 and IPv4): all failed, so the first tells enough.
    if (error instanceof AggregateError && error.errors.length > 0) return transportCode(error.errors[0]);
  }
  return found;
}

function rateLimited(method: string, retryAfterSeconds: number | undefined, cause?: unknown): ParleyError {
  return new ParleyError('platform_rate_limited', `Slack throttled ${method}`, {
    cause,
    retryAfterMs: milliseconds(retryAfterSeconds),
  });
}

function unavailable(
  method: string,
  why: string,
  outcomeUnknown: boolean,
  cause?: unknown,
  retryAfterSeconds?: number,
): ParleyError {
  return new ParleyError('platform_unavailable', `Slack did not answer ${method}: ${why}`, {
    cause,
    outcomeUnknown,
    retryAfterMs: milliseconds(retryAfterSeconds),
  });
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
