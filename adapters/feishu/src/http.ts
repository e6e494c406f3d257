import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpInstance, HttpRequestOptions } from '@larksuiteoapi/node-sdk';
import { type AdapterDeps, type Answer, type Exchange, exchange, wasNeverSent } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { Agent, type Dispatcher, request } from 'undici';
import { codeOf, refusal } from './errors.ts';

/** What the SDK cannot carry to the HTTP layer travels beside the call. */
export interface CallContext {
  /** The API method, such as `im.message.reply`: for messages. */
  operation: string;
  signal?: AbortSignal | undefined;
  /** Set by the HTTP layer: the access token the call went out with. */
  token?: string;
}

export interface Http {
  instance: HttpInstance;
  /** Runs SDK calls under `context`. */
  within<T>(context: CallContext, run: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface HttpOptions {
  /** From the first byte sent to the last byte of a JSON answer; default 10 s. */
  timeoutMs?: number;
  /** The same for downloads; default 60 s. */
  downloadTimeoutMs?: number;
  network?: AdapterDeps['network'];
}

const MAX_SOCKETS = 64;
const CONNECT_TIMEOUT_MS = 5_000;
/** Answers of the methods used here are a few KB. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const TOKEN_PATH = '/open-apis/auth/';

/**
 * The HTTP under the SDK, in place of its axios, which has no timeout, no abort, and takes HTTP 200 with `code != 0`
 * for success. Here every call ends in time, sockets are pooled and bounded, and what fails is a `ParleyError`.
 */
export function createHttp({ timeoutMs = 10_000, downloadTimeoutMs = 60_000, network }: HttpOptions = {}): Http {
  const connect = { timeout: CONNECT_TIMEOUT_MS };
  const dispatcher = new Agent({ connections: MAX_SOCKETS, connect: network?.connector(connect) ?? connect });
  const closing = new AbortController();
  const contexts = new AsyncLocalStorage<CallContext>();
  let tokenRequest: Promise<unknown> | undefined;

  async function send(options: HttpRequestOptions<unknown>): Promise<unknown> {
    const call = describe(options, contexts.getStore());
    const isDownload = options.responseType === 'stream';
    const limitMs = options.timeout ?? (isDownload ? downloadTimeoutMs : timeoutMs);
    if (closing.signal.aborted || call.signal?.aborted) {
      throw new ParleyError('platform_unavailable', `${call.operation}: aborted before it was sent`);
    }
    try {
      const answer = await (isDownload ? download(call, limitMs) : ask(call, limitMs));
      if ('stream' in answer) return { data: answer.stream, headers: answer.headers };
      const { status, headers, text } = answer;
      const body = parse(text);
      if (status >= 300 || codeOf(body) !== 0) {
        throw refusal(call.operation, { status, headers, body, hasEffect: call.hasEffect });
      }
      return options.$return_headers ? { data: body, headers } : body;
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      const isLate = error instanceof DOMException && error.name === 'TimeoutError';
      throw lost(call, isLate ? `no answer within ${limitMs} ms` : undefined, error);
    }
  }

  function ask({ url, init, signal }: Call, limitMs: number): Promise<Answer> {
    const { origin, pathname, search } = url;
    const request = { ...init, origin, path: pathname + search, timeoutMs: limitMs, maxBytes: MAX_ANSWER_BYTES };
    return exchange(dispatcher, request, signal);
  }

  /** What is downloaded is read by who asked for it; a refusal is an answer as any other. */
  async function download({ url, init, signal }: Call, limitMs: number): Promise<Answer | Download> {
    const signals = [AbortSignal.timeout(limitMs), closing.signal, ...(signal ? [signal] : [])];
    const response = await request(url, { ...init, dispatcher, signal: AbortSignal.any(signals) } as RequestInit);
    const { statusCode: status, headers, body } = response;
    if (isFile(response)) return { stream: body, headers };
    return { status, statusText: '', headers, text: await readText(body) };
  }

  /** The SDK asks for a token once per call that has none; calls that start together share one question. */
  function sendOnce(options: HttpRequestOptions<unknown>): Promise<unknown> {
    if (!options.url?.includes(TOKEN_PATH)) return send(options);
    tokenRequest ??= send(options).finally(() => {
      tokenRequest = undefined;
    });
    return tokenRequest;
  }

  return {
    instance: toInstance(sendOnce),
    within: (context, run) => contexts.run(context, run),
    async close() {
      closing.abort();
      await dispatcher.destroy();
    },
  };
}

interface Call {
  url: URL;
  operation: string;
  init: Pick<Exchange, 'method' | 'headers' | 'body'>;
  signal: AbortSignal | undefined;
  /** Whether Feishu may have carried something out although no answer came. */
  hasEffect: boolean;
}

interface Download {
  stream: Dispatcher.ResponseData['body'];
  headers: Answer['headers'];
}

type RequestInit = NonNullable<Parameters<typeof request>[1]>;

function describe(options: HttpRequestOptions<unknown>, context: CallContext | undefined): Call {
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
    url,
    operation: forToken ? 'auth.tenant_access_token' : (context?.operation ?? url.pathname),
    init: {
      method,
      headers: { ...options.headers, ...(withBody && { 'content-type': 'application/json; charset=utf-8' }) },
      ...(withBody && { body: JSON.stringify(options.data ?? {}) }),
    },
    // A token is shared by many calls: none of them may take it from the others by giving up.
    signal: forToken ? undefined : context?.signal,
    hasEffect: method !== 'GET' && !forToken,
  };
}

/** A refused download is JSON as any other refusal; a JSON file is told apart by its file name. */
function isFile({ statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>): boolean {
  const json = String(headers['content-type'] ?? '').startsWith('application/json');
  return statusCode < 300 && (!json || headers['content-disposition'] !== undefined);
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lost(call: Call, late: string | undefined, error: unknown): ParleyError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
  const reason = late ?? (code && /^\w{1,60}$/.test(code) ? code : 'the connection failed');
  return new ParleyError('platform_unavailable', `${call.operation}: ${reason}`, {
    outcomeUnknown: call.hasEffect && !(code !== undefined && wasNeverSent(code)),
  });
}

/** The SDK's interface is axios-like; it uses `request` and `post`, and types answers by what the caller expects. */
function toInstance(send: (options: HttpRequestOptions<unknown>) => Promise<unknown>): HttpInstance {
  const bare =
    (method: string) =>
    async <T, R = T>(url: string, options?: HttpRequestOptions<unknown>) =>
      (await send({ ...options, url, method })) as R;
  const filled =
    (method: string) =>
    async <T, R = T>(url: string, data?: unknown, options?: HttpRequestOptions<unknown>) =>
      (await send({ ...options, url, method, data })) as R;
  return {
    request: async <T, R = T>(options: HttpRequestOptions<unknown>) => (await send(options)) as R,
    get: bare('GET'),
    delete: bare('DELETE'),
    head: bare('HEAD'),
    options: bare('OPTIONS'),
    post: filled('POST'),
    put: filled('PUT'),
    patch: filled('PATCH'),
  };
}
