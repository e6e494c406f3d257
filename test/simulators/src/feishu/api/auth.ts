import { feishuError, invalidField } from '../errors.ts';
import type { AppIdentity } from '../events.ts';
import type { ClientConfig, LongConnections } from '../socket.ts';
import type { Tokens } from '../tokens.ts';
import type { Route } from './router.ts';

/** Tokens, the bot's identity and the address of long connections. */
export function authRoutes(deps: {
  app: AppIdentity;
  tokens: Tokens;
  clientConfig: ClientConfig;
  sockets: () => LongConnections;
}): Route[] {
  const { app, tokens } = deps;
  return [
    {
      at: 'POST /open-apis/auth/v3/tenant_access_token/internal',
      name: 'auth.tenantAccessToken.internal',
      open: true,
      run({ body }) {
        const { token, expireSeconds } = tokens.issue(body.app_id, body.app_secret);
        return { body: { code: 0, msg: 'ok', tenant_access_token: token, expire: expireSeconds } };
      },
    },
    {
      at: 'GET /open-apis/bot/v3/info',
      name: 'bot.info',
      run: () => ({
        body: {
          code: 0,
          msg: 'ok',
          bot: {
            activate_status: 2,
            app_name: app.appName,
            avatar_url: 'https://example.invalid/avatar.png',
            ip_white_list: [],
            open_id: app.openId,
          },
        },
      }),
    },
    {
      // Not part of the open API: only the SDKs' long-connection clients call it, with the credentials in the body.
      at: 'POST /callback/ws/endpoint',
      name: 'callback.ws.endpoint',
      open: true,
      run({ body }) {
        if (body.AppID === undefined) throw invalidField('AppID', 'AppID is required');
        if (!tokens.matches(body.AppID, body.AppSecret)) {
          return { body: { code: 1000040345, msg: 'app_id or app_secret is invalid', data: {} } };
        }
        const url = deps.sockets().issueUrl();
        if (url === undefined) return { body: { code: 1000040350, msg: 'exceed connection limit', data: {} } };
        return { body: { code: 0, msg: '', data: { URL: url, ClientConfig: deps.clientConfig } } };
      },
    },
  ];
}

/** The error of that number for `misbehave({ action: { kind: 'error' } })`; other names become an internal error. */
export function errorByName(name: string): ReturnType<typeof feishuError> {
  return /^\d+$/.test(name) ? feishuError(Number(name)) : feishuError(2200, name);
}
