import * as lark from '@larksuiteoapi/node-sdk';
import type { AdapterDeps } from '@parley/core/adapter';
import type { FeishuChannel } from '@parley/core/config';
import { isTokenRefused } from './errors.ts';
import { createHttp, type DirectCall, FEISHU_URL, type HttpOptions } from './http.ts';
import type { CallContext } from './http-call.ts';
import { sdkLogger } from './log.ts';
import { createTokenCache } from './tokens.ts';

/** Feishu's API behind one channel: one error family, and no call without an end. */
export interface Client {
  /**
   * Runs one call of the SDK; a token that Feishu no longer takes is replaced once. Throws `platform_*` errors.
   *
   * @param operation the API method, such as `im.message.reply`: for messages
   */
  call<T>(operation: string, run: (client: lark.Client) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * The same for what every answer needs, past the SDK: its way from a method to a request costs as much as the request.
   * Resolves with the answer's `data`.
   */
  send<Data>(call: Omit<DirectCall, 'token'>): Promise<Data | undefined>;
  readonly http: lark.HttpInstance;
  /** Cuts the calls that still run and closes the sockets. */
  close(): Promise<void>;
}

export function createClient(
  channel: FeishuChannel,
  { cache, logger, now, network }: AdapterDeps,
  options: HttpOptions = {},
): Client {
  const http = createHttp({ ...options, baseUrl: baseUrlOf(channel), network });
  const tokens = createTokenCache(cache, sharedKey(channel, 'token'), now);
  const client = new lark.Client({
    appId: channel.credentials.app_id,
    appSecret: channel.credentials.app_secret,
    domain: baseUrlOf(channel),
    httpInstance: http.instance,
    cache: tokens,
    logger: sdkLogger(logger),
    loggerLevel: lark.LoggerLevel.error,
  });

  /** As the SDK gets it: from the cache, else from Feishu. */
  async function currentToken(): Promise<string> {
    return tokens.inMemory() ?? String(await client.tokenManager.getTenantAccessToken({}));
  }

  /** A token may be refused before its time is over: then once more, with another one. */
  async function again<T>(attempt: () => Promise<T>, tokenOf: () => string | undefined): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      const token = tokenOf();
      if (!isTokenRefused(error) || token === undefined) throw error;
      tokens.reject(token);
      return await attempt();
    }
  }

  return {
    http: http.instance,
    close: http.close,
    async send<Data>(call: Omit<DirectCall, 'token'>) {
      let token: string | undefined;
      const answer = await again(
        async () => {
          token = await currentToken();
          return http.request({ ...call, token });
        },
        () => token,
      );
      return (answer as { data?: Data }).data;
    },
    call<T>(operation: string, run: (client: lark.Client) => Promise<T>, signal?: AbortSignal) {
      let context: CallContext | undefined;
      return again(
        () => {
          context = { operation, signal };
          return http.within(context, () => run(client));
        },
        () => context?.token,
      );
    },
  };
}

/** Without a slash at its end: the SDK appends `/open-apis/…`. */
export function baseUrlOf(channel: FeishuChannel): string {
  return (channel.api_base_url ?? FEISHU_URL).replace(/\/+$/, '');
}

/** Keys in the shared cache: a channel that is given another app or host must not find what belonged to the old one. */
export function sharedKey(channel: FeishuChannel, what: string): string {
  const { host } = new URL(baseUrlOf(channel));
  return `feishu:${channel.tenant}:${channel.id}:${channel.credentials.app_id}@${host}:${what}`;
}
