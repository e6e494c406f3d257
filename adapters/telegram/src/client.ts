import type { AdapterDeps } from '@parley/core/adapter';
import type { TelegramChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { Telegram as KnownMethods } from 'telegraf/types';
import { toPlatformError } from './errors.ts';
import { leanTransport, sdkTransport } from './transports.ts';

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
/**
 * What every answer is made of, some of it several times a second: these go without telegraf's transport, with the same
 * requests, results and errors (transports.test.ts).
 */
const HOT: ReadonlySet<keyof Methods> = new Set([
  'sendMessage',
  'sendMessageDraft',
  'editMessageText',
  'sendChatAction',
] as const);

/** Calls the Bot API, one attempt a call. */
export function createClient(
  channel: Pick<TelegramChannel, 'api_base_url' | 'credentials'>,
  network?: AdapterDeps['network'],
): Client {
  const place = { apiRoot: apiRootOf(channel), botToken: channel.credentials.bot_token, ...(network && { network }) };
  const [sdk, lean] = [sdkTransport(place), leanTransport(place)];
  const closing = new AbortController();

  return {
    async call(method, payload, { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      if (signal?.aborted || closing.signal.aborted) {
        throw new ParleyError('platform_unavailable', `${method}: aborted before it was sent`);
      }
      try {
        const transport = HOT.has(method) ? lean : sdk;
        return (await transport.call(method, payload, { signal, timeoutMs })) as ReturnType<Methods[typeof method]>;
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
      await Promise.all([sdk.close(), lean.close()]);
    },
  };
}

/** The Bot API's address with a slash at its end. */
export function apiRootOf(channel: Pick<TelegramChannel, 'api_base_url'>): string {
  return `${(channel.api_base_url ?? 'https://api.telegram.org').replace(/\/+$/, '')}/`;
}

function lost(method: string, what: string): ParleyError {
  return new ParleyError('platform_unavailable', `${method}: ${what}`, { outcomeUnknown: true });
}
