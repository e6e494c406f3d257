import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdapterDeps } from '@parley/core/adapter';
import { channelSchema, type TelegramChannel } from '@parley/core/config';
import { pino } from 'pino';

/** For this package's tests: a Bot API that answers as told. */
export const TOKEN = '123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp';
export const SECRET = 'Webhook-Secret_1';

export interface ApiCall {
  method: string;
  body: Record<string, unknown>;
}

/** `ok(...)`, `refuse(...)`, or whatever else should happen to the socket. */
export type Answer = (response: ServerResponse) => void;

export interface BotApi {
  url: string;
  calls: ApiCall[];
  /** Bodies sent with one method, oldest first. */
  sent(method: string): Record<string, unknown>[];
  /** Answers `method`, each entry once and the last one for ever. */
  on(method: string, ...answers: Answer[]): void;
  close(): Promise<void>;
}

export const ok =
  (result: unknown): Answer =>
  (response) =>
    json(response, 200, { ok: true, result });

export const refuse =
  (code: number, description: string, parameters?: Record<string, unknown>): Answer =>
  (response) =>
    json(response, code, { ok: false, error_code: code, description, parameters });

export const status =
  (code: number, body: string): Answer =>
  (response) => {
    response.writeHead(code, { 'content-type': 'text/html' }).end(body);
  };

/** Closes the socket without an answer. */
export const cut: Answer = (response) => {
  response.socket?.destroy();
};

/** Never answers. */
export const silence: Answer = () => undefined;

export const ME = {
  id: 123456789,
  is_bot: true,
  first_name: 'Acme Assistant',
  username: 'acme_bot',
  can_join_groups: true,
  can_read_all_group_messages: true,
  supports_inline_queries: false,
};

export async function startBotApi(): Promise<BotApi> {
  const calls: ApiCall[] = [];
  const answers = new Map<string, Answer[]>([['getMe', [ok(ME)]]]);
  const server = createServer(async (request, response) => {
    const [, owner, method = ''] = (request.url ?? '').split('/');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const name = owner === 'file' ? request.url?.replace(`/file/bot${TOKEN}/`, 'file:') : method;
    const body = Buffer.concat(chunks).toString();
    calls.push({ method: name ?? '', body: body ? JSON.parse(body) : {} });
    const queue = answers.get(name ?? '') ?? [refuse(404, 'Not Found')];
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    answer?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    sent: (method) => calls.filter((call) => call.method === method).map((call) => call.body),
    on: (method, ...list) => void answers.set(method, list),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function channelAt(url: string, extra: Record<string, unknown> = {}): TelegramChannel {
  const channel = channelSchema.parse({
    id: 'acme-telegram',
    tenant: 'acme',
    platform: 'telegram',
    credentials: { bot_token: TOKEN, webhook_secret: SECRET },
    api_base_url: url,
    ...extra,
  });
  if (channel.platform !== 'telegram') throw new Error('not a Telegram channel');
  return channel;
}

/** Dependencies of an adapter whose log lines can be read. */
export function testDeps(): AdapterDeps & { logged: string[]; values: Map<string, string> } {
  const logged: string[] = [];
  const values = new Map<string, string>();
  return {
    logged,
    values,
    logger: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    cache: {
      get: async (key) => values.get(key),
      set: async (key, value) => void values.set(key, value),
    },
    now: () => Date.now(),
  };
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
