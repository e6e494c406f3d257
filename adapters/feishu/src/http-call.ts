import type { HttpRequestOptions } from '@larksuiteoapi/node-sdk';
import { type Exchange, wasNeverSent } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Dispatcher } from 'undici';

/** What the SDK cannot carry to the HTTP layer travels beside the call. */
export interface CallContext {
  /** The API method, such as `im.message.reply`: for messages. */
  operation: string;
  signal?: AbortSignal | undefined;
  /** Set by the HTTP layer: the access token the call went out with. */
  token?: string;
}

/** Answers of the methods used here are a few KB. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
export const TOKEN_PATH = '/open-apis/auth/';
export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** One request as it goes out. */
export interface Call {
  origin: string;
  path: string;
  operation: string;
  init: Pick<Exchange, 'method' | 'headers' | 'body'>;
  signal: AbortSignal | undefined;
  /** Whether Feishu may have carried something out although no answer came. */
  hasEffect: boolean;
}

/** A request of the SDK. */
export function describe(options: HttpRequestOptions<unknown>, context: CallContext | undefined): Call {
  const url = new URL(options.url ?? '');
  for (const [name, value] of Object.entries(options.params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) url.searchParams.append(name, String(one));
    }
  }
  const method = (options.method ?? 'GET').toUpperCase();
  const forToken = url.pathname.includes(TOKEN_PATH);
  const authorization: unknown = options.headers?.Authorization;
  if (context && typeof authorization === 'string') context.token = authorization.replace(/^Bearer /, '');
  const withBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    operation: forToken ? 'auth.tenant_access_token' : (context?.operation ?? url.pathname),
    init: {
      method,
      headers: { ...options.headers, ...(withBody && JSON_HEADERS) },
      ...(withBody && { body: JSON.stringify(options.data ?? {}) }),
    },
    // A token is shared by many calls: none of them may take it from the others by giving up.
    signal: forToken ? undefined : context?.signal,
    hasEffect: method !== 'GET' && !forToken,
  };
}

/** A refused download is JSON as any other refusal; a JSON file is told apart by its file name. */
export function isFile({ statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>): boolean {
  const json = String(headers['content-type'] ?? '').startsWith('application/json');
  return statusCode < 300 && (!json || headers['content-disposition'] !== undefined);
}

export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A failure below HTTP, or no answer in time. */
export function lost(call: Call, late: string | undefined, error: unknown): ParleyError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
  const reason = late ?? (code && /^\w{1,60}$/.test(code) ? code : 'the connection failed');
  return new ParleyError('platform_unavailable', `${call.operation}: ${reason}`, {
    outcomeUnknown: call.hasEffect && !(code !== undefined && wasNeverSent(code)),
  });
}
