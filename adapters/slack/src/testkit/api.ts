import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ApiCall {
  path: string;
  headers: IncomingMessage['headers'];
  fields: Record<string, string>;
  body: string;
}

type Answer = (response: ServerResponse, call: ApiCall) => void;

/** A tiny stand-in for Slack's HTTP side: answers queue up per path, and `ok` stands for success. */
export interface FakeApi {
  url: string;
  server: Server;
  calls: ApiCall[];
  /** The next answers to `path`, in order; the last one stays. */
  on(path: string, ...answers: Answer[]): void;
  close(): Promise<void>;
}

export const ok =
  (body: Record<string, unknown> = {}, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ ok: true, ...body }));
export const refuse =
  (error: string, extra: Record<string, unknown> = {}): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: false, error, ...extra }));
export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(code, headers).end(body);
export const cut: Answer = (response) => response.socket?.destroy();
export const cutInAnswer: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"ok":', () => response.socket?.destroy());
};
export const silence: Answer = () => undefined;

export async function startApi(): Promise<FakeApi> {
  const answers = new Map<string, Answer[]>();
  const calls: ApiCall[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const path = incoming.url ?? '';
    const call = { path, headers: incoming.headers, fields: Object.fromEntries(new URLSearchParams(body)), body };
    calls.push(call);
    const queue = answers.get(path) ?? [];
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    (answer ?? status(404))(response, call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    calls,
    on: (path, ...list) => void answers.set(path, list),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
