import type { AdapterDeps } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { FetchFunction, WebAPICallResult } from '@slack/web-api';
import { Agent, type Dispatcher, type RequestInit, type Response, fetch as undiciFetch } from 'undici';
import { callMethod, callPlace } from './call.ts';
import { toPlatformError } from './errors.ts';

/** Slack's Web API with one bot token: pooled connections, exactly one attempt per call, errors as `platform_*`. */
export interface SlackClient {
  /**
   * Calls one Web API method.
   *
   * When `signal` aborts during the call it rejects at once with `outcomeUnknown`: the request is cut, and may have had
   * its effect all the same.
   */
  call(method: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<WebAPICallResult>;
  /** The same pooled fetch for addresses outside the Web API (files, response URLs). Adds no token. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** What another WebClient needs to reach the same API the same way (Socket Mode has its own). */
  readonly webOptions: WebOptions;
  /** How a WebSocket is opened, where that is not as always. */
  readonly network: AdapterDeps['network'];
  close(): Promise<void>;
}

export interface WebOptions {
  slackApiUrl: string;
  fetch: FetchFunction;
  timeout: number;
  retryConfig: { retries: number };
  rejectRateLimitedCalls: boolean;
}

export const CALL_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface ClientOptions {
  botToken: string;
  apiBaseUrl?: string | undefined;
  network?: AdapterDeps['network'];
}

export function makeClient({ botToken, apiBaseUrl, network }: ClientOptions): SlackClient {
  // Shorter than the whole call's timeout, so that "never connected" can be told from "no answer". HTTP/1.1 only: one
  // request a socket, so a cut socket says something about exactly one call.
  const direct = { timeout: 5_000, allowH2: false };
  const connect = network?.connector(direct) ?? direct;
  const pool = { connections: 32, keepAliveTimeout: 20_000, connect, allowH2: false } as const;
  const api = new Agent({ ...pool, maxResponseSize: MAX_ANSWER_BYTES });
  const plain = new Agent({ ...pool, headersTimeout: 20_000, bodyTimeout: 20_000 });

  const webOptions: WebOptions = {
    slackApiUrl: slackApiUrl(apiBaseUrl),
    fetch: fetchThrough(api),
    timeout: CALL_TIMEOUT_MS,
    // The SDK's own defaults are ten retries over half an hour, and a 429 that stops every other call.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  };
  const place = callPlace(api, new URL(webOptions.slackApiUrl), botToken, CALL_TIMEOUT_MS);

  return {
    webOptions,
    network,
    async call(method, args, signal) {
      if (signal?.aborted) throw new ParleyError('platform_unavailable', `${method} was given up before it was sent`);
      try {
        return await callMethod(place, method, args, signal);
      } catch (thrown) {
        throw toPlatformError(method, thrown);
      }
    },
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher: plain }),
    async close() {
      await Promise.all([api.destroy(), plain.destroy()]);
    },
  };
}

/**
 * Where the Web API's methods are, for a configured `api_base_url`. `http://host`, `http://host/`, `http://host/api`
 * and `http://host/api/` all mean `http://host/api/chat.postMessage`; a prefix before `/api` is kept.
 */
export function slackApiUrl(apiBaseUrl: string | undefined): string {
  if (apiBaseUrl === undefined) return 'https://slack.com/api/';
  const base = apiBaseUrl.replace(/\/+$/, '');
  return base.endsWith('/api') ? `${base}/` : `${base}/api/`;
}

/** The fetch that WebClient is given: by default it uses the process-wide one, whose pool nobody here could close. */
function fetchThrough(dispatcher: Dispatcher): FetchFunction {
  return (url, init) => {
    // Only text bodies: WebClient makes FormData for binary uploads alone, which the adapter has none of.
    const { body, signal, ...rest } = init ?? {};
    return undiciFetch(url, {
      ...rest,
      dispatcher,
      body: typeof body === 'string' ? body : null,
      signal: signal ?? null,
    });
  };
}
