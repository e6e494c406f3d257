import { randomBytes, randomInt } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DeliveryAnswer } from '../shared/index.ts';
import { decodeFrame, encodeFrame, FRAME_CONTROL, FRAME_DATA, type Frame } from './frame.ts';
import { goJson, parseObject } from './json.ts';

/** What the server tells the client about keeping the connection; seconds, and `ReconnectCount` -1 means for ever. */
export interface ClientConfig {
  ReconnectCount: number;
  ReconnectInterval: number;
  ReconnectNonce: number;
  PingInterval: number;
}

export interface LongConnections {
  /** How many connections are open. */
  count(): number;
  /** Whether there is a connection whose client is ready for events. */
  isReady(): boolean;
  /** A URL with a one-time ticket; `undefined` when the app has all the connections it may have. */
  issueUrl(): string | undefined;
  /** Sends an event to one of the open connections, picked at random, and waits for its acknowledgement. */
  push(payload: unknown, timeoutMs: number, signal: AbortSignal): Promise<DeliveryAnswer>;
  /** Breaks every connection, as a network failure would. */
  drop(): void;
  close(): Promise<void>;
}

export const DEFAULT_CLIENT_CONFIG: ClientConfig = {
  ReconnectCount: -1,
  ReconnectInterval: 120,
  ReconnectNonce: 30,
  PingInterval: 120,
};
const PATH = '/ws/v2';
const SERVICE_ID = 33_554_678;
const MAX_CONNECTIONS = 50;
const MAX_TICKETS = 1_000;

/** Serves the WebSocket side of long connections on `server`, whose URL is `url`. */
export function createLongConnections(options: {
  server: Server;
  url: string;
  clientConfig: ClientConfig;
  /** Events longer than this many bytes are sent in several frames. */
  fragmentBytes: number;
  onChange: () => void;
}): LongConnections {
  const sockets = new Set<WebSocket>();
  /**
   * Those that have sent something: every SDK pings as soon as it is connected. The Node SDK attaches its listener only
   * after the `open` event, so it would lose an event that comes in one packet with the handshake.
   */
  const ready = new Set<WebSocket>();
  const tickets = new Set<string>();
  const acks = new Map<string, { socket: WebSocket; finish: (answer: DeliveryAnswer) => void }>();
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'ws://simulator');
    if (url.pathname !== PATH || !tickets.delete(url.searchParams.get('ticket') ?? '')) {
      // The SDKs read the reason from these headers.
      const reason = 'Handshake-Status: 514\r\nHandshake-Msg: auth failed\r\nHandshake-Autherrcode: 514\r\n';
      socket.end(`HTTP/1.1 403 Forbidden\r\n${reason}Connection: close\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, accept);
  };
  options.server.on('upgrade', upgrade);

  function accept(socket: WebSocket): void {
    sockets.add(socket);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      sockets.delete(socket);
      ready.delete(socket);
      for (const ack of acks.values()) if (ack.socket === socket) ack.finish({ status: 0, failure: 'connection' });
      options.onChange();
    });
    socket.on('message', (data) => {
      try {
        receive(socket, decodeFrame(new Uint8Array(data as Buffer)));
        if (ready.has(socket)) return;
        ready.add(socket);
        options.onChange();
      } catch {
        socket.close(1002, 'malformed frame');
      }
    });
  }

  function receive(socket: WebSocket, frame: Frame): void {
    if (frame.method === FRAME_CONTROL && frame.headers.type === 'ping') {
      const payload = Buffer.from(JSON.stringify(options.clientConfig));
      socket.send(encodeFrame({ ...frame, headers: { type: 'pong' }, payload }));
    } else if (frame.method === FRAME_DATA) {
      const answer = parseObject(Buffer.from(frame.payload ?? []).toString('utf8'));
      const status = typeof answer?.code === 'number' ? answer.code : 0;
      acks.get(frame.headers.message_id ?? '')?.finish({ status });
    }
  }

  function sendEvent(socket: WebSocket, messageId: string, payload: unknown): void {
    const bytes = Buffer.from(goJson(payload));
    const sum = Math.max(1, Math.ceil(bytes.length / options.fragmentBytes));
    const traceId = randomBytes(16).toString('hex');
    for (let seq = 0; seq < sum; seq += 1) {
      const headers = {
        type: 'event',
        message_id: messageId,
        sum: String(sum),
        seq: String(seq),
        trace_id: traceId,
        timestamp: String(Date.now()),
      };
      const fragment = bytes.subarray(seq * options.fragmentBytes, (seq + 1) * options.fragmentBytes);
      const seqId = seq + 1;
      socket.send(
        encodeFrame({
          seqId,
          logId: randomInt(2 ** 40),
          service: SERVICE_ID,
          method: FRAME_DATA,
          headers,
          payload: fragment,
        }),
      );
    }
  }

  return {
    count: () => sockets.size,
    isReady: () => ready.size > 0,

    issueUrl() {
      if (sockets.size >= MAX_CONNECTIONS) return undefined;
      const ticket = randomBytes(16).toString('hex');
      tickets.add(ticket);
      if (tickets.size > MAX_TICKETS) tickets.delete(tickets.keys().next().value as string);
      // The client reads `device_id` and `service_id` with a query parser over the whole URL, so neither may come first.
      const query = `fpid=493&aid=552564&device_id=${randomInt(2 ** 47)}&access_key=${ticket.slice(0, 8)}`;
      return `${options.url.replace(/^http/, 'ws')}${PATH}?${query}&service_id=${SERVICE_ID}&ticket=${ticket}`;
    },

    push(payload, timeoutMs, signal) {
      const socket = [...ready][randomInt(Math.max(1, ready.size))];
      if (socket === undefined || signal.aborted) return Promise.resolve({ status: 0, failure: 'connection' });
      const messageId = crypto.randomUUID();
      return new Promise((resolve) => {
        const finish = (answer: DeliveryAnswer) => {
          clearTimeout(timer);
          acks.delete(messageId);
          signal.removeEventListener('abort', lost);
          resolve(answer);
        };
        const lost = () => finish({ status: 0, failure: 'connection' });
        const timer = setTimeout(() => finish({ status: 0, failure: 'timeout' }), timeoutMs);
        acks.set(messageId, { socket, finish });
        signal.addEventListener('abort', lost, { once: true });
        sendEvent(socket, messageId, payload);
      });
    },

    drop() {
      for (const socket of sockets) socket.terminate();
    },

    async close() {
      options.server.off('upgrade', upgrade);
      for (const socket of sockets) socket.terminate();
      webSockets.close();
    },
  };
}
