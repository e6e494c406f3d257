import { stringify } from 'node:querystring';
import { type Answer, exchange } from '@parley/core/adapter';
import {
  type WebAPICallResult,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import type { Dispatcher } from 'undici';

export interface CallPlace {
  api: Dispatcher;
  origin: string;
  /** Of the methods, with a slash at its end. */
  path: string;
  headers: Record<string, string>;
  /** From the call to the last byte of the answer. */
  timeoutMs: number;
}

/** Longest answer that is read. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** @param url where the methods are, with a slash at its end */
export function callPlace(api: Dispatcher, url: URL, botToken: string, timeoutMs: number): CallPlace {
  const headers = { authorization: `Bearer ${botToken}`, 'content-type': 'application/x-www-form-urlencoded' };
  return { api, origin: url.origin, path: url.pathname, headers, timeoutMs };
}

/**
 * One call of Slack's Web API as `WebClient` makes it: the same request, the same results and errors. WebClient itself
 * puts a queue, a retry and half a dozen serialised debug lines around every call, which cost several times the call.
 *
 * @param signal its abort cuts the call, which may have had its effect all the same
 * @throws WebAPIPlatformError, WebAPIRateLimitedError, WebAPIHTTPError, WebAPIRequestError
 */
export async function callMethod(
  place: CallPlace,
  method: string,
  args: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<WebAPICallResult> {
  const { status, headers, text } = await post(place, method, args, signal);
  if (status === 429) throw rateLimited(headers['retry-after']);
  // The token must not follow to wherever that is, and whether Slack has acted nobody knows.
  if (status >= 300 && status < 400) throw new WebAPIRequestError(new Error('unexpected redirect'));
  // Slack's Web API has no other meaningful status.
  if (status !== 200) throw new WebAPIHTTPError(status, '', plain(headers), text);
  const result = readResult(text);
  result.response_metadata ??= {};
  const retryAfter = seconds(headers['retry-after']);
  if (retryAfter !== undefined) result.response_metadata.retryAfter = retryAfter;
  const scopes = headers['x-oauth-scopes'];
  if (typeof scopes === 'string') result.response_metadata.scopes = scopes.trim().split(/\s*,\s*/);
  if (!result.ok) throw new WebAPIPlatformError(result as ConstructorParameters<typeof WebAPIPlatformError>[0]);
  return result;
}

type Headers = Answer['headers'];

async function post(
  { api, origin, path, headers, timeoutMs }: CallPlace,
  method: string,
  args: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const body = encode(args);
  const request = { origin, path: path + method, method: 'POST', headers, body, timeoutMs, maxBytes: MAX_ANSWER_BYTES };
  try {
    return await exchange(api, request, signal);
  } catch (thrown) {
    throw new WebAPIRequestError(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }
}

/** A form, in which what has a structure of its own is JSON. */
function encode(args: Record<string, unknown>): string {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue;
    fields[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return stringify(fields);
}

function readResult(text: string): WebAPICallResult {
  try {
    return JSON.parse(text) as WebAPICallResult;
  } catch {
    return { ok: false, error: text } as WebAPICallResult;
  }
}

function rateLimited(retryAfter: Headers[string]): Error {
  const wait = seconds(retryAfter);
  return wait === undefined
    ? new Error('Retry header did not contain a valid timeout')
    : new WebAPIRateLimitedError(wait);
}

function seconds(header: Headers[string]): number | undefined {
  const value = Number.parseInt(String(header ?? ''), 10);
  return Number.isNaN(value) ? undefined : value;
}

function plain(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
