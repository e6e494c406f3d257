import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdapterDeps, WebhookRequest } from '@parley/core/adapter';
import { channelSchema, type FeishuChannel } from '@parley/core/config';
import { pino } from 'pino';
import { signatureOf } from './crypt.ts';

// What the tests of this folder share. Nothing here is imported by the adapter itself.

export const NOW = 1_795_190_500_000;
export const ENCRYPT_KEY = 'kudryavka';
export const VERIFICATION_TOKEN = 'v7Qj0example0verification0token';
export const BOT_OPEN_ID = 'ou_b0700000000000000000000000000b07';

export function makeChannel(
  over: Record<string, unknown> = {},
  credentials: Record<string, unknown> = {},
): FeishuChannel {
  const channel = channelSchema.parse({
    id: 'acme-feishu',
    tenant: 'acme',
    platform: 'feishu',
    credentials: { app_id: 'cli_9f5343c580712544', app_secret: 'the-app-secret', ...credentials },
    ...over,
  });
  if (channel.platform !== 'feishu') throw new Error('not a Feishu channel');
  return channel;
}

export function makeDeps(over: Partial<AdapterDeps> = {}): AdapterDeps & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    logger: pino({ level: 'silent' }),
    now: () => NOW,
    cache: {
      get: async (key) => values.get(key),
      set: async (key, value) => {
        values.set(key, value);
      },
    },
    ...over,
  };
}

export function fixture(name: string): Record<string, unknown> {
  const path = new URL(`../../../test/contract/fixtures/feishu/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

export function encrypt(plain: string, key = ENCRYPT_KEY): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(key).digest(), iv);
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}

export function plainRequest(body: unknown, headers: WebhookRequest['headers'] = {}): WebhookRequest {
  return { headers, rawBody: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), query: {} };
}

/** A request as Feishu makes it when an Encrypt Key is set. */
export function signedRequest(
  body: unknown,
  { at = NOW, key = ENCRYPT_KEY, wrap = true }: { at?: number; key?: string; wrap?: boolean } = {},
): WebhookRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const rawBody = Buffer.from(wrap ? JSON.stringify({ encrypt: encrypt(text) }) : text);
  const timestamp = String(Math.floor(at / 1000));
  return {
    rawBody,
    query: {},
    headers: {
      'x-lark-request-timestamp': timestamp,
      'x-lark-request-nonce': 'n0nce',
      'x-lark-signature': signatureOf(timestamp, 'n0nce', key, rawBody),
    },
  };
}

export interface Call {
  method: string;
  path: string;
  query: Record<string, string>;
  authorization: string | undefined;
  body: Record<string, unknown>;
}

/** `true` when the request was answered. */
type Route = (call: Call, response: ServerResponse, request: IncomingMessage) => boolean | Promise<boolean>;

export interface FakeFeishu {
  url: string;
  calls: Call[];
  /** Calls but those for tokens. */
  apiCalls(): Call[];
  /** Tried before what the server answers by itself; the newest first. */
  route(route: Route): void;
  close(): Promise<void>;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
  return true;
}

/** A tiny Feishu: hands out tokens, knows the bot, takes every message. */
export async function startFeishu(): Promise<FakeFeishu> {
  const calls: Call[] = [];
  const routes: Route[] = [];
  let issued = 0;
  const standard: Route = (call, response) => {
    if (call.path.endsWith('/tenant_access_token/internal')) {
      issued++;
      return json(response, 200, { code: 0, msg: 'ok', tenant_access_token: `t-token${issued}`, expire: 7200 });
    }
    if (call.path.endsWith('/bot/v3/info')) {
      return json(response, 200, { code: 0, msg: 'ok', bot: { open_id: BOT_OPEN_ID, app_name: 'Parley' } });
    }
    return json(response, 200, {
      code: 0,
      msg: 'success',
      data: { message_id: `om_${calls.length}`, reaction_id: 'r1' },
    });
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const text = Buffer.concat(chunks).toString('utf8');
    const call: Call = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      authorization: request.headers.authorization,
      body: text === '' ? {} : JSON.parse(text),
    };
    calls.push(call);
    for (const route of [...routes.toReversed(), standard]) if (await route(call, response, request)) return;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    apiCalls: () => calls.filter((call) => !call.path.includes('/auth/')),
    route: (route) => {
      routes.push(route);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
