import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SimRequest {
  method: string;
  /** Path without the query, percent-decoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Aborts when the caller goes away before it has its answer. */
  signal: AbortSignal;
}

export interface SimResponse {
  status?: number;
  headers?: Record<string, string>;
  /** Objects are sent as JSON, strings as text, buffers as they are. */
  body?: unknown;
}

export interface SimServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** The bare server, for WebSocket upgrades. */
  server: Server;
  close(): Promise<void>;
}

const MAX_BODY = 50 * 1024 * 1024;

/**
 * Starts an HTTP server on 127.0.0.1. `handle` answers a request; `'cut'` closes its socket without an answer. An exception in
 * it is answered with 500 and its message, so that a simulator's own mistake shows up in the test that ran into it.
 */
export async function startServer(options: {
  port?: number | undefined;
  handle(request: SimRequest): Promise<SimResponse | 'cut'>;
}): Promise<SimServer> {
  const server = createServer((request, response) => {
    void answer(request, response, options.handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: SimRequest) => Promise<SimResponse | 'cut'>,
): Promise<void> {
  try {
    const body = await readBody(request);
    if (body === undefined) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://simulator');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const result = await handle({
      method: request.method ?? 'GET',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: request.headers,
      body,
      signal: gone.signal,
    });
    if (result === 'cut') request.socket.destroy();
    else send(response, result);
  } catch (error) {
    if (response.headersSent || response.destroyed) request.socket.destroy();
    else send(response, { status: 500, body: error instanceof Error ? error.message : String(error) });
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '' }: SimResponse): void {
  if (Buffer.isBuffer(body)) {
    response.writeHead(status, { 'content-type': 'application/octet-stream', ...headers }).end(body);
  } else if (typeof body === 'string') {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);
  } else {
    response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(body));
  }
}
