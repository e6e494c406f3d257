import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpInstance, HttpRequestOptions } from '@larksuiteoapi/node-sdk';
import { type AdapterDeps, wasNeverSent } from '@parley/core/adapter';
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
    const limitMs = options.timeout ?? (options.responseType === 'stream' ? downloadTimeoutMs : timeoutMs);
    const deadline = AbortSignal.timeout(limitMs);
    const aborts = [closing.signal, ...(call.signal ? [call.signal] : [])];
    if (AbortSignal.any(aborts).aborted) {
      throw new ParleyError('platform_unavailable', `${call.operation}: aborted before it was sent`);
    }
    try {
      const signal = AbortSignal.any([deadline, ...aborts]);
      const response = await request(call.url, { ...call.init, dispatcher, signal });
      if (options.responseType === 'stream' && isDownload(response)) {
        return { data: response.body, headers: response.headers };
      }
      const body = await readJson(response);
      if (response.statusCode >= 300 || codeOf(body) !== 0) {
        const { statusCode: status, headers } = response;
        throw refusal(call.operation, { status, headers, body, hasEffect: call.hasEffect });
      }
      return options.$return_headers ? { data: body, headers: response.headers } : body;
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      throw lost(call, deadline.aborted ? `no answer within ${limitMs} ms` : undefined, error);
    }
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
  url: string;
  operation: string;
  init: Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>;
  signal: AbortSignal | undefined;
  /** Whether Feishu may have carried something out although no answer came. */
  hasEffect: boolean;
}

function describe(options: HttpRequestOptions<unknown>, context: CallContext | undefined): Call {
  const url = new URL(options.url ?? '');
  for (const [name, value] of Object.entries(options.params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) url.searchParams.append(name, String(one));
    }
  }
  const method = (options.method ?? 'GET').toUpperCase() as Dispatcher.HttpMethod;
  const forToken = url.pathname.includes(TOKEN_PATH);
  const authorization: unknown = options.headers?.Authorization;
  if (context && typeof authorization === 'string') context.token = authorization.replace(/^Bearer /, '');
  const withBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return {
    url: url.href,
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
function isDownload({ statusCode, headers }: Dispatcher.ResponseData): boolean {
  const json = String(headers['content-type'] ?? '').startsWith('application/json');
  return statusCode < 300 && (!json || headers['content-disposition'] !== undefined);
}

async function readJson({ body }: Dispatcher.ResponseData): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
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
