import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpInstance, HttpRequestOptions } from '@larksuiteoapi/node-sdk';
import { type AdapterDeps, type Answer, exchange } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { Agent, type Dispatcher, request } from 'undici';
import { codeOf, refusal } from './errors.ts';
import {
  type Call,
  type CallContext,
  describe,
  isFile,
  JSON_HEADERS,
  lost,
  MAX_ANSWER_BYTES,
  parse,
  readText,
  TOKEN_PATH,
} from './http-call.ts';

/** A call that is described whole: it needs nothing of the SDK. */
export interface DirectCall {
  operation: string;
  method: 'POST' | 'DELETE';
  /** Under the API's host, with the query. */
  path: string;
  token: string;
  data?: object | undefined;
  signal?: AbortSignal | undefined;
}

export interface Http {
  instance: HttpInstance;
  /** Carries out a call and resolves with its answer. Throws `platform_*` errors. */
  request(call: DirectCall): Promise<unknown>;
  /** Runs SDK calls under `context`. */
  within<T>(context: CallContext, run: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface HttpOptions {
  /** The API's address, without a slash at its end; default Feishu's. */
  baseUrl?: string;
  /** From the first byte sent to the last byte of a JSON answer; default 10 s. */
  timeoutMs?: number;
  /** The same for downloads; default 60 s. */
  downloadTimeoutMs?: number;
  network?: AdapterDeps['network'];
}

const MAX_SOCKETS = 64;
const CONNECT_TIMEOUT_MS = 5_000;
export const FEISHU_URL = 'https://open.feishu.cn';

/**
 * The HTTP under the SDK, in place of its axios, which has no timeout, no abort, and takes HTTP 200 with `code != 0`
 * for success. Here every call ends in time, sockets are pooled and bounded, and what fails is a `ParleyError`.
 */
export function createHttp(options: HttpOptions = {}): Http {
  const { baseUrl = FEISHU_URL, timeoutMs = 10_000, downloadTimeoutMs = 60_000, network } = options;
  const connect = { timeout: CONNECT_TIMEOUT_MS };
  const dispatcher = new Agent({ connections: MAX_SOCKETS, connect: network?.connector(connect) ?? connect });
  const closing = new AbortController();
  const contexts = new AsyncLocalStorage<CallContext>();
  let tokenRequest: Promise<unknown> | undefined;

  async function send(options: HttpRequestOptions<unknown>): Promise<unknown> {
    const isDownload = options.responseType === 'stream';
    const limitMs = options.timeout ?? (isDownload ? downloadTimeoutMs : timeoutMs);
    const answer = await carryOut(describe(options, contexts.getStore()), limitMs, isDownload ? download : ask);
    if ('stream' in answer) return { data: answer.stream, headers: answer.headers };
    return options.$return_headers ? { data: answer.body, headers: answer.headers } : answer.body;
  }

  /** @throws ParleyError `platform_*` for whatever is no success */
  async function carryOut(call: Call, limitMs: number, way: typeof ask | typeof download): Promise<Success | Download> {
    if (closing.signal.aborted || call.signal?.aborted) {
      throw new ParleyError('platform_unavailable', `${call.operation}: aborted before it was sent`);
    }
    try {
      const answer = await way(call, limitMs);
      if ('stream' in answer) return answer;
      const { status, headers } = answer;
      const body = parse(answer.text);
      if (status < 300 && codeOf(body) === 0) return { body, headers };
      throw refusal(call.operation, { status, headers, body, hasEffect: call.hasEffect });
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      const isLate = error instanceof DOMException && error.name === 'TimeoutError';
      throw lost(call, isLate ? `no answer within ${limitMs} ms` : undefined, error);
    }
  }

  function ask({ origin, path, init, signal }: Call, limitMs: number): Promise<Answer> {
    return exchange(dispatcher, { ...init, origin, path, timeoutMs: limitMs, maxBytes: MAX_ANSWER_BYTES }, signal);
  }

  /** What is downloaded is read by who asked for it; a refusal is an answer as any other. */
  async function download({ origin, path, init, signal }: Call, limitMs: number): Promise<Answer | Download> {
    const signals = [AbortSignal.timeout(limitMs), closing.signal, ...(signal ? [signal] : [])];
    const options = { ...init, dispatcher, signal: AbortSignal.any(signals) } as RequestInit;
    const response = await request(origin + path, options);
    const { statusCode: status, headers, body } = response;
    if (isFile(response)) return { stream: body, headers };
    return { status, statusText: '', headers, text: await readText(body) };
  }

  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/+$/, '');

  async function requestDirectly({ operation, method, path, token, data, signal }: DirectCall): Promise<unknown> {
    const headers = { authorization: `Bearer ${token}`, ...(data && JSON_HEADERS) };
    const init = { method, headers, body: data && JSON.stringify(data) };
    const call = { operation, origin, path: prefix + path, init, signal, hasEffect: true };
    const answer = await carryOut(call, timeoutMs, ask);
    return 'body' in answer ? answer.body : undefined;
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
    request: requestDirectly,
    within: (context, run) => contexts.run(context, run),
    async close() {
      closing.abort();
      await dispatcher.destroy();
    },
  };
}

interface Success {
  body: unknown;
  headers: Answer['headers'];
}

interface Download {
  stream: Dispatcher.ResponseData['body'];
  headers: Answer['headers'];
}

type RequestInit = NonNullable<Parameters<typeof request>[1]>;

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
