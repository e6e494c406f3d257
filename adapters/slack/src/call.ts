import { stringify } from 'node:querystring';
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
  /** Where the methods are, with a slash at the end. */
  url: URL;
  botToken: string;
  /** From the first byte sent to the last byte of the answer. */
  timeoutMs: number;
}

/**
 * One call of Slack's Web API as `WebClient` makes it: the same request, the same results and errors. WebClient itself
 * puts a queue, a retry and half a dozen serialised debug lines around every call, which cost several times the call.
 *
 * @throws WebAPIPlatformError, WebAPIRateLimitedError, WebAPIHTTPError, WebAPIRequestError
 */
export async function callMethod(
  place: CallPlace,
  method: string,
  args: Record<string, unknown>,
): Promise<WebAPICallResult> {
  const { status, headers, text } = await post(place, method, args);
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

type Headers = Dispatcher.ResponseData['headers'];

async function post({ api, url, botToken, timeoutMs }: CallPlace, method: string, args: Record<string, unknown>) {
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(new DOMException(`no answer for ${timeoutMs} ms`, 'TimeoutError')),
    timeoutMs,
  );
  try {
    const { statusCode, headers, body } = await api.request({
      origin: url.origin,
      path: url.pathname + method,
      method: 'POST',
      headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: encode(args),
      signal: timeout.signal,
    });
    return { status: statusCode, headers, text: await body.text() };
  } catch (thrown) {
    throw new WebAPIRequestError(thrown instanceof Error ? thrown : new Error(String(thrown)));
  } finally {
    clearTimeout(timer);
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
