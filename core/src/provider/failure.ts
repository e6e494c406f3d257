import { type ErrorCode, ParleyError } from '../errors/index.ts';

/** What an API said when it refused, as far as it may be repeated: `text` is only matched, never passed on. */
export interface Refusal {
  provider: string;
  status: number | undefined;
  /** The API's own names of the error (`code`, `type`), whichever it sent. */
  names: string[];
  /** The error's message: may quote the prompt or parts of the key. */
  text: string;
  headers: Headers | undefined;
  requestId: string | null | undefined;
}

/**
 * Error names that say more than the status, over all vendors. OpenAI, Azure and Anthropic by their docs; GLM's numbers
 * from https://docs.z.ai/api-reference/api-code (it answers 429 to an account in arrears).
 */
const NAMES: [RegExp, ErrorCode][] = [
  [/^(insufficient_quota|insufficient_user_quota|billing_\w+|1113)$/, 'model_out_of_money'],
  [/^(context_length_exceeded|string_above_max_length|request_too_large|1261)$/, 'model_context_too_long'],
  [/^(content_filter|content_policy_violation|data_inspection_failed|1301)$/, 'model_content_filtered'],
  [/^(rate_limit_error|rate_limit_exceeded|rate_limit_reached|1302|1303|1305)$/, 'model_rate_limited'],
  [/^(overloaded_error|api_error|server_error|internal_error|service_unavailable)$/, 'model_overloaded'],
  [/^(invalid_api_key|authentication_error|permission_error|model_not_found|1211)$/, 'model_auth'],
  [/^timeout_error$/, 'model_timeout'],
];

/** Refusals that servers express in words only. Anthropic tells an empty account with `invalid_request_error`. */
const MONEY_TEXT = /credit balance is too low|insufficient (balance|credits)/i;
const CONTEXT_TEXT = /prompt is too long|maximum context length|context (length|window|size)|too many (input )?tokens/i;
/** DeepSeek answers a filtered prompt with `invalid_request_error` and these words. */
const FILTER_TEXT = /content exists risk|content management policy/i;

/** An API's refusal as the hub's error. The message names provider, status, error name and request id, nothing else. */
export function refused(refusal: Refusal): ParleyError {
  const { provider, status, names, requestId, headers } = refusal;
  // Names are snake_case or numbers; a key that a server sent back in their place has a dash or is longer.
  const said = names.filter((name) => /^\w{1,48}$/.test(name)).join(', ');
  const message = [
    status === undefined ? `${provider} sent an error in the stream` : `${provider} answered ${status}`,
    ...(said === '' ? [] : [`(${said})`]),
    ...(requestId && /^[\w.:-]{1,128}$/.test(requestId) ? [`request ${requestId}`] : []),
  ].join(' ');
  return new ParleyError(codeOf(refusal), message, { retryAfterMs: retryAfterMs(headers) });
}

function codeOf({ status, names, text }: Refusal): ErrorCode {
  // These are beyond doubt by their status; a proxy's wording must not change that.
  if (status === 402) return 'model_out_of_money';
  if (status !== undefined && status >= 500) return 'model_overloaded';
  const named = NAMES.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
  if (named !== undefined) return named;
  switch (status) {
    case 400:
    case 422:
      if (CONTEXT_TEXT.test(text)) return 'model_context_too_long';
      if (MONEY_TEXT.test(text)) return 'model_out_of_money';
      return FILTER_TEXT.test(text) ? 'model_content_filtered' : 'model_invalid_request';
    case 401:
    case 403:
    // No such model, or none that this key may use: the operator's matter, another key or model may do.
    case 404:
      return 'model_auth';
    case 408:
      return 'model_timeout';
    case 409:
    case 425:
      return 'model_overloaded';
    case 413:
      return 'model_context_too_long';
    case 429:
      return 'model_rate_limited';
    default:
      return 'model_bad_response';
  }
}

const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/** `retry-after-ms` (OpenAI, Azure), else `retry-after` in seconds or as a date (RFC 9110 §10.2.3). */
export function retryAfterMs(headers: Headers | undefined): number | undefined {
  const exact = headers?.get('retry-after-ms');
  const plain = headers?.get('retry-after');
  const ms = exact ? Number(exact) : plain ? Number(plain) * 1000 : Number.NaN;
  const wait = Number.isNaN(ms) && plain ? Date.parse(plain) - Date.now() : ms;
  return Number.isFinite(wait) ? Math.min(Math.max(0, Math.ceil(wait)), MAX_RETRY_AFTER_MS) : undefined;
}
