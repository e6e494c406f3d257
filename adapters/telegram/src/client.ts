import { type AdapterDeps, type Answer, exchange } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { TelegramError } from 'telegraf';
import type { Telegram as KnownMethods } from 'telegraf/types';
import { Agent } from 'undici';
import { toPlatformError } from './errors.ts';

/** The Bot API's methods; those that are newer than telegraf's types as well. */
type Methods = KnownMethods & {
  /** https://core.telegram.org/bots/api#sendmessagedraft */
  sendMessageDraft(): true;
};

/** The Bot API behind one channel: typed results, one error family, and no call without an end. */
export interface Client {
  /** Throws `platform_*` errors; what was sent and the token are in none of them. */
  call<M extends keyof Methods>(
    method: M,
    payload: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<ReturnType<Methods[M]>>;
  /** Cuts the calls that still run and closes the sockets. */
  close(): Promise<void>;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Default 15 s. */
  timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_SOCKETS = 64;
/** Below the 60 s and more after which proxies cut idle connections: a send must not meet a dead socket. */
const IDLE_SOCKET_MS = 30_000;
/** A hundred updates of long polling are at most some megabytes. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * Calls the Bot API as telegraf does: the same requests, results and errors, one attempt a call. telegraf itself sends
 * everything through node-fetch 2, which costs several times the call; and it follows redirects, where the token and the
 * message would go along.
 */
export function createClient(
  channel: Pick<TelegramChannel, 'api_base_url' | 'credentials'>,
  network?: AdapterDeps['network'],
): Client {
  // HTTP/1.1 only: one request a socket, so a cut socket says something about exactly one call.
  const direct = { timeout: CONNECT_TIMEOUT_MS, allowH2: false };
  const connect = network?.connector(direct) ?? direct;
  const pool = new Agent({ connections: MAX_SOCKETS, keepAliveTimeout: IDLE_SOCKET_MS, connect, allowH2: false });
  const { origin, pathname } = new URL(apiRootOf(channel));
  const path = `${pathname}bot${channel.credentials.bot_token}/`;
  const closing = new AbortController();

  return {
    async call(method, payload, { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      if (signal?.aborted || closing.signal.aborted) {
        throw new ParleyError('platform_unavailable', `${method}: aborted before it was sent`);
      }
      const request = {
        origin,
        path: path + method,
        method: 'POST',
        headers: JSON_HEADERS,
        body: JSON.stringify(payload, withoutNull),
        timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
      };
      try {
        return resultOf(await exchange(pool, request, signal)) as ReturnType<Methods[typeof method]>;
      } catch (error) {
        if (error instanceof DOMException && error.name === 'TimeoutError') {
          throw lost(method, `no answer within ${timeoutMs} ms`);
        }
        if (signal?.aborted || closing.signal.aborted) throw lost(method, 'aborted');
        throw toPlatformError(error, method);
      }
    },
    async close() {
      closing.abort();
      await pool.destroy();
    },
  };
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** As telegraf writes a payload. */
function withoutNull(_key: string, value: unknown): unknown {
  return value ?? undefined;
}

/** @throws TelegramError for a refusal, as telegraf does; a SyntaxError for what is no answer of the Bot API */
function resultOf({ status, statusText, text }: Answer): unknown {
  if (status >= 500) throw new TelegramError({ error_code: status, description: statusText });
  if (status >= 300 && status < 400) throw Object.assign(new Error('unexpected redirect'), { code: 'REDIRECTED' });
  const answer = JSON.parse(text) as { ok: true; result: unknown } | ({ ok: false } & Refusal);
  if (!answer.ok) throw new TelegramError(answer);
  return answer.result;
}

type Refusal = ConstructorParameters<typeof TelegramError>[0];

/** The Bot API's address with a slash at its end. */
export function apiRootOf(channel: Pick<TelegramChannel, 'api_base_url'>): string {
  return `${(channel.api_base_url ?? 'https://api.telegram.org').replace(/\/+$/, '')}/`;
}

function lost(method: string, what: string): ParleyError {
  return new ParleyError('platform_unavailable', `${method}: ${what}`, { outcomeUnknown: true });
}
