import http from 'node:http';
import https from 'node:https';
import type { AdapterDeps } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { Telegram } from 'telegraf';
import type { Telegram as KnownMethods, Opts } from 'telegraf/types';
import { toPlatformError } from './errors.ts';

/** The Bot API's methods; telegraf passes on those that are newer than its types as well. */
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
const MAX_SOCKETS = 64;
/** Below the 60 s and more after which proxies cut idle connections: a send must not meet a dead socket. */
const IDLE_SOCKET_MS = 30_000;

export function createClient(
  channel: Pick<TelegramChannel, 'api_base_url' | 'credentials'>,
  network?: AdapterDeps['network'],
): Client {
  const apiRoot = apiRootOf(channel);
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS };
  const { protocol } = new URL(apiRoot);
  const plain = () => (protocol === 'https:' ? new https.Agent(agentOptions) : new http.Agent(agentOptions));
  const agent = network?.agent(protocol, agentOptions) ?? plain();
  const telegram = new Telegram(channel.credentials.bot_token, { apiRoot, agent, webhookReply: false });
  // telegraf's constructor drops the agent of http:// roots, and with it the bounds above. Its node-fetch follows
  // redirects, and asks at every hop which agent to take: the token and the message go to no other host.
  telegram.options.agent = onlyTo(apiRoot, agent) as unknown as http.Agent;
  const closing = new AbortController();

  return {
    async call(method, payload, { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      if (signal?.aborted || closing.signal.aborted) {
        throw new ParleyError('platform_unavailable', `${method}: aborted before it was sent`);
      }
      const timeout = AbortSignal.timeout(timeoutMs);
      const signals = [timeout, closing.signal, ...(signal ? [signal] : [])];
      try {
        // telegraf types the signal by the shim it was written with; node-fetch takes Node's own.
        const options = { signal: AbortSignal.any(signals) as unknown as ShimSignal };
        const known = method as keyof KnownMethods;
        const result: unknown = await telegram.callApi(known, payload as unknown as Opts<typeof known>, options);
        return result as ReturnType<Methods[typeof method]>;
      } catch (error) {
        if (timeout.aborted) throw lost(method, `no answer within ${timeoutMs} ms`);
        if (signal?.aborted || closing.signal.aborted) throw lost(method, 'aborted');
        throw toPlatformError(error, method);
      }
    },
    async close() {
      closing.abort();
      agent.destroy();
    },
  };
}

function onlyTo(apiRoot: string, agent: http.Agent) {
  const { protocol, host } = new URL(apiRoot);
  return (next: Pick<URL, 'protocol' | 'host'>) => {
    if (next.protocol === protocol && next.host === host) return agent;
    throw Object.assign(new Error('redirected to another host'), { code: 'REDIRECTED' });
  };
}

type ShimSignal = NonNullable<NonNullable<Parameters<Telegram['callApi']>[2]>['signal']>;

/** The Bot API's address with a slash at its end: telegraf resolves `./bot…` against it, which eats a last segment. */
export function apiRootOf(channel: Pick<TelegramChannel, 'api_base_url'>): string {
  return `${(channel.api_base_url ?? 'https://api.telegram.org').replace(/\/+$/, '')}/`;
}

function lost(method: string, what: string): ParleyError {
  return new ParleyError('platform_unavailable', `${method}: ${what}`, { outcomeUnknown: true });
}
