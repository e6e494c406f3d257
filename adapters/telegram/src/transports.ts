import type { Agent as HttpAgent } from 'node:http';
import https from 'node:https';
import { type AdapterDeps, type Answer, exchange } from '@parley/core/adapter';
import { Telegram, TelegramError } from 'telegraf';
import type { Telegram as KnownMethods, Opts } from 'telegraf/types';
import { Agent } from 'undici';

/** Not imported: to make the view for imports Node loads an undici of its own, some 30 ms of every start. */
const http = process.getBuiltinModule('node:http');

/** Carries one call to the Bot API: its result, a `TelegramError` for a refusal, or what the network said. */
export interface Transport {
  /** Rejects with a `TimeoutError` after `timeoutMs`, and with another error once `signal` aborts. */
  call(method: string, payload: Record<string, unknown>, limits: CallLimits): Promise<unknown>;
  /** Cuts what still runs and closes the sockets. */
  close(): Promise<void>;
}

export interface CallLimits {
  signal?: AbortSignal | undefined;
  timeoutMs: number;
}

export interface TransportPlace {
  /** With a slash at its end: telegraf resolves `./bot…` against it, which eats a last segment. */
  apiRoot: string;
  botToken: string;
  network?: AdapterDeps['network'];
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_SOCKETS = 64;
/** Below the 60 s and more after which proxies cut idle connections: a send must not meet a dead socket. */
const IDLE_SOCKET_MS = 30_000;
/** Answers of the methods that go this way are one message, or `true`. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** telegraf's own. */
export function sdkTransport({ apiRoot, botToken, network }: TransportPlace): Transport {
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS };
  const { protocol } = new URL(apiRoot);
  const plain = () => (protocol === 'https:' ? new https.Agent(agentOptions) : new http.Agent(agentOptions));
  const agent = network?.agent(protocol, agentOptions) ?? plain();
  const telegram = new Telegram(botToken, { apiRoot, agent, webhookReply: false });
  // telegraf's constructor drops the agent of http:// roots, and with it the bounds above. Its node-fetch follows
  // redirects, and asks at every hop which agent to take: the token and the message go to no other host.
  telegram.options.agent = onlyTo(apiRoot, agent) as unknown as HttpAgent;
  const closing = new AbortController();
  return {
    async call(method, payload, { signal, timeoutMs }) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signals = [timeout, closing.signal, ...(signal ? [signal] : [])];
      // telegraf types the signal by the shim it was written with; node-fetch takes Node's own.
      const options = { signal: AbortSignal.any(signals) as unknown as ShimSignal };
      // It passes on methods that are newer than its types.
      const known = method as keyof KnownMethods;
      try {
        return await telegram.callApi(known, payload as unknown as Opts<typeof known>, options);
      } catch (error) {
        throw timeout.aborted ? timeout.reason : error;
      }
    },
    async close() {
      closing.abort();
      agent.destroy();
    },
  };
}

type ShimSignal = NonNullable<NonNullable<Parameters<Telegram['callApi']>[2]>['signal']>;

function onlyTo(apiRoot: string, agent: HttpAgent) {
  const { protocol, host } = new URL(apiRoot);
  return (next: Pick<URL, 'protocol' | 'host'>) => {
    if (next.protocol === protocol && next.host === host) return agent;
    throw Object.assign(new Error('redirected to another host'), { code: 'REDIRECTED' });
  };
}

/** The same requests, results and errors over a pool: node-fetch 2, which telegraf has, costs several times the call. */
export function leanTransport({ apiRoot, botToken, network }: TransportPlace): Transport {
  // HTTP/1.1 only: one request a socket, so a cut socket says something about exactly one call.
  const direct = { timeout: CONNECT_TIMEOUT_MS, allowH2: false };
  const connect = network?.connector(direct) ?? direct;
  const pool = new Agent({ connections: MAX_SOCKETS, keepAliveTimeout: IDLE_SOCKET_MS, connect, allowH2: false });
  const { origin, pathname } = new URL(apiRoot);
  const path = `${pathname}bot${botToken}/`;
  return {
    async call(method, payload, { signal, timeoutMs }) {
      const body = JSON.stringify(payload, withoutNull);
      const request = { origin, path: path + method, method: 'POST', headers: JSON_HEADERS, body };
      return resultOf(await exchange(pool, { ...request, timeoutMs, maxBytes: MAX_ANSWER_BYTES }, signal));
    },
    close: () => pool.destroy(),
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
