import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** The little of RFC 6455 that a test needs of a server: text frames out; text, ping and close in. */
export interface FakeSocket {
  send(payload: unknown): void;
  close(): void;
  received: Record<string, unknown>[];
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Calls `onSocket` for every WebSocket that a client opens to `server`. */
export function acceptSockets(server: Server, onSocket: (socket: FakeSocket) => void): void {
  server.on('upgrade', (request, stream) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    stream.on('error', () => stream.destroy());
    const socket: FakeSocket = {
      send: (payload) => write(stream, TEXT, Buffer.from(JSON.stringify(payload))),
      close: () => write(stream, CLOSE, Buffer.from([0x03, 0xe8])),
      received: [],
    };
    readFrames(stream, (opcode, payload) => {
      if (opcode === TEXT) socket.received.push(JSON.parse(payload.toString()));
      if (opcode === PING) write(stream, PONG, payload);
      if (opcode === CLOSE) {
        write(stream, CLOSE, payload);
        stream.end();
      }
    });
    onSocket(socket);
  });
}

function write(stream: Duplex, opcode: number, payload: Buffer): void {
  if (!stream.writable) return;
  const length =
    payload.length < 126
      ? Buffer.from([payload.length])
      : Buffer.from([126, payload.length >> 8, payload.length & 0xff]);
  stream.write(Buffer.concat([Buffer.from([0x80 | opcode]), length, payload]));
}

/** Client frames are always masked. */
function readFrames(stream: Duplex, onFrame: (opcode: number, payload: Buffer) => void): void {
  let buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const short = (buffer[1] ?? 0) & 0x7f;
      const start = short === 126 ? 8 : 6;
      if (buffer.length < start) return;
      const length = short === 126 ? buffer.readUInt16BE(2) : short;
      if (buffer.length < start + length) return;
      const mask = buffer.subarray(start - 4, start);
      const payload = buffer.subarray(start, start + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      onFrame((buffer[0] ?? 0) & 0x0f, Buffer.from(payload));
      buffer = buffer.subarray(start + length);
    }
  });
}
