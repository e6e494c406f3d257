import { createServer, type Server, type Socket } from 'node:net';

export interface LeanRequest {
  path: string;
  body: string;
}

/** Answers one request by `send`, `begin`/`write`/`end`, now or later; requests of one connection come one by one. */
export interface LeanReply {
  /** A whole answer. */
  send(body: string, contentType?: string): void;
  /** Opens an answer of server-sent events; `write` adds to it and `end` closes it. */
  begin(): void;
  write(text: string): void;
  end(): void;
  /** False once the client has gone. */
  readonly open: boolean;
}

export type LeanHandler = (request: LeanRequest, reply: LeanReply) => void;

/**
 * As little of an HTTP/1.1 server as the benchmark needs, straight on a socket: what the stubs cost is taken away from
 * everything that is measured on the same machine, so they cost a fifth of what node:http would.
 */
export function createLeanServer(handle: LeanHandler): Server {
  const server = createServer({ noDelay: true }, (socket) => serve(socket, handle));
  return server;
}

function serve(socket: Socket, handle: LeanHandler): void {
  let pending: Buffer | undefined;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    let rest: Buffer | undefined = pending ? Buffer.concat([pending, chunk]) : chunk;
    while (rest) {
      const found = readRequest(rest);
      if (!found) break;
      handle(found.request, replyOn(socket));
      rest = found.end < rest.length ? rest.subarray(found.end) : undefined;
    }
    pending = rest;
  });
}

function readRequest(data: Buffer): { request: LeanRequest; end: number } | undefined {
  const headEnd = data.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = data.toString('latin1', 0, headEnd);
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' ', head.indexOf(' ') + 1));
  const bodyStart = headEnd + 4;
  const length = /\r\ncontent-length: ?(\d+)/i.exec(head);
  if (length) {
    const end = bodyStart + Number(length[1]);
    return data.length < end ? undefined : { request: { path, body: data.toString('utf8', bodyStart, end) }, end };
  }
  if (!/\r\ntransfer-encoding: ?chunked/i.test(head)) return { request: { path, body: '' }, end: bodyStart };
  return readChunked(data, path, bodyStart);
}

function readChunked(data: Buffer, path: string, bodyStart: number) {
  let body = '';
  for (let at = bodyStart; ; ) {
    const lineEnd = data.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(data.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (data.length < end) return undefined;
    if (size === 0) return { request: { path, body }, end };
    body += data.toString('utf8', lineEnd + 2, lineEnd + 2 + size);
    at = end;
  }
}

const SSE_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

function replyOn(socket: Socket): LeanReply {
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  return {
    send(body, contentType = 'application/json') {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
    begin: () => void socket.write(SSE_HEAD),
    write: (text) => void socket.write(chunk(text)),
    end: () => void socket.write('0\r\n\r\n'),
    get open() {
      return !socket.destroyed;
    },
  };
}

/** Listens on a free port of the loopback; resolves with the port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stub has no port');
  return address.port;
}
