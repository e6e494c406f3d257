import type { AnswerOf, BodyOf, Known } from './contract.ts';

export interface FieldIssue {
  path: string;
  message: string;
}

/** An answer that is not one: the API's own errors, or `network` when nothing came back. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly fields: readonly FieldIssue[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: Partial<Pick<ApiError, 'requestId' | 'fields' | 'retryAfterSeconds'>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = more.requestId;
    this.fields = more.fields ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions<Body = unknown> {
  query?: Query | undefined;
  body?: Body | undefined;
  /** The ETag of the state that is changed. */
  etag?: string | undefined;
  /** Makes a creation safe to repeat. */
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** What was answered, and the name of that state, for `If-Match`. */
export interface Got<T> {
  data: T;
  etag: string | undefined;
}

export const API_ROOT = '/api/admin';

let csrfToken: string | null = null;
let onSignedOut: () => void = () => undefined;

/** The token that proves that a change was meant; the server hands it out with `/me`. */
export const setCsrfToken = (token: string | null): void => {
  csrfToken = token;
};
/** Called whenever the server says that nobody is signed in. */
export const setSignedOutListener = (listener: () => void): void => {
  onSignedOut = listener;
};

/** One call of the admin API; address, body and answer are those of its OpenAPI document. @throws ApiError */
export async function call<const M extends Method, const P extends string>(
  method: M,
  path: P & Known<M, P>,
  options: CallOptions<BodyOf<M, P>> = {},
): Promise<Got<AnswerOf<M, P>>> {
  const response = await send(method, path, options);
  if (!response.ok) throw await refusalOf(response, path);
  const text = response.status === 204 ? '' : await response.text();
  const etag = response.headers.get('etag') ?? undefined;
  return { data: text === '' ? undefined : JSON.parse(text), etag };
}

/** The raw response, for streams and files. @throws ApiError */
export async function callRaw<const M extends Method, const P extends string>(
  method: M,
  path: P & Known<M, P>,
  options: CallOptions<BodyOf<M, P>> = {},
): Promise<Response> {
  const response = await send(method, path, options);
  if (!response.ok) throw await refusalOf(response, path);
  return response;
}

async function send(method: Method, path: string, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.etag !== undefined) headers['if-match'] = options.etag;
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
  if (method !== 'GET' && csrfToken !== null) headers['x-csrf-token'] = csrfToken;
  const request: RequestInit = { method, headers, credentials: 'same-origin' };
  if (options.body !== undefined) request.body = JSON.stringify(options.body);
  if (options.signal) request.signal = options.signal;
  try {
    return await fetch(`${API_ROOT}${path}${queryString(options.query)}`, request);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, 'network', error instanceof Error ? error.message : 'network');
  }
}

async function refusalOf(response: Response, path: string): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const error: unknown = Reflect.get(Object(body), 'error');
  const text = (name: string) => {
    const value: unknown = Reflect.get(Object(error), name);
    return typeof value === 'string' ? value : undefined;
  };
  const code = text('code') ?? 'internal';
  // A wrong password is an answer to a question, not the end of a session.
  if (response.status === 401 && !path.startsWith('/auth/')) onSignedOut();
  const fields: unknown = Reflect.get(Object(error), 'fields');
  const wait = Number(response.headers.get('retry-after'));
  return new ApiError(response.status, code, text('message') ?? response.statusText, {
    requestId: text('request_id') ?? response.headers.get('x-request-id') ?? undefined,
    fields: Array.isArray(fields) ? (fields as FieldIssue[]) : [],
    retryAfterSeconds: wait > 0 ? wait : undefined,
  });
}

/** `?a=1&b=2`, without what is empty. */
export function queryString(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    const shown = Array.isArray(value) ? value.join(',') : String(value);
    if (shown !== '') search.set(name, shown);
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** Random text for `Idempotency-Key`; works without a secure context as well, where `randomUUID` does not exist. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A path segment. */
export const seg = (value: string): string => encodeURIComponent(value);
