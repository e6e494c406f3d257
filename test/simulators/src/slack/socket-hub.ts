import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DeliveryAnswer } from '../shared/index.ts';

/** The server side of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export interface SocketHub {
  /** A single-use path and query for a new connection, good for 30 s. */
  issueTicket(): string;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  count(): number;
  /** Sends one envelope over one of the connections, in turn, and waits for its acknowledgement. */
  send(
    event: { type: string; payload: unknown },
    retry: { attempt: number; reason: string; timeoutMs: number },
  ): Promise<DeliveryAnswer>;
  disconnect(reason: string): void;
  close(): void;
}

const TICKET_TTL_MS = 30_000;
const MAX_TICKETS = 1000;
/** Slack allows an app ten connections. */
const MAX_CONNECTIONS = 10;
/** Clients take a connection for dead when the server has not pinged for some 30 s. */
const PING_MS = 10_000;

type Settle = (answer: DeliveryAnswer) => void;

/** Makes the hub; `onChange` is called whenever a connection has opened or closed. */
export function createSocketHub(options: { appId: string; onChange(): void }): SocketHub {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  const tickets = new Map<string, number>();
  /** Connections with the envelopes they have not acknowledged. */
  const connections = new Map<WebSocket, Map<string, Settle>>();
  let turn = 0;
  const pings = setInterval(() => {
    for (const connection of connections.keys()) connection.ping();
  }, PING_MS);
  pings.unref();

  function accept(connection: WebSocket): void {
    const open = new Map<string, Settle>();
    connections.set(connection, open);
    connection.on('message', (data) => {
      const ack = parseAck(String(data));
      const settle = ack && open.get(ack.envelope_id);
      if (!settle) return;
      open.delete(ack.envelope_id);
      settle({ status: 200, body: ack.payload === undefined ? '' : JSON.stringify(ack.payload) });
    });
    connection.on('error', () => connection.terminate());
    connection.on('close', () => {
      connections.delete(connection);
      for (const settle of open.values()) settle({ status: 0, failure: 'connection' });
      options.onChange();
    });
    connection.send(
      JSON.stringify({
        type: 'hello',
        num_connections: connections.size,
        debug_info: { host: 'applink-simulator', build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: options.appId },
      }),
    );
    options.onChange();
  }

  return {
    issueTicket() {
      const ticket = randomBytes(16).toString('hex');
      tickets.set(ticket, Date.now() + TICKET_TTL_MS);
      if (tickets.size > MAX_TICKETS) tickets.delete(tickets.keys().next().value as string);
      return `/link/?ticket=${ticket}&app_id=${options.appId}`;
    },

    handleUpgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://simulator').searchParams.get('ticket') ?? '';
      const goodUntil = tickets.get(ticket) ?? 0;
      tickets.delete(ticket);
      if (goodUntil < Date.now() || connections.size >= MAX_CONNECTIONS) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, accept);
    },

    count: () => connections.size,

    send(event, retry) {
      turn += 1;
      const [connection, open] = [...connections][turn % connections.size] ?? [];
      if (connection === undefined || open === undefined) return Promise.resolve({ status: 0, failure: 'connection' });
      const envelopeId = randomUUID();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          open.delete(envelopeId);
          resolve({ status: 0, failure: 'timeout' });
        }, retry.timeoutMs);
        open.set(envelopeId, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
        connection.send(JSON.stringify(makeEnvelope(envelopeId, event, retry)));
      });
    },

    disconnect(reason) {
      for (const connection of connections.keys()) {
        connection.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-simulator' } }));
        connection.close();
      }
    },

    close() {
      clearInterval(pings);
      for (const connection of connections.keys()) connection.terminate();
      server.close();
    },
  };
}

function makeEnvelope(
  envelopeId: string,
  event: { type: string; payload: unknown },
  retry: { attempt: number; reason: string },
): Record<string, unknown> {
  const envelope = { envelope_id: envelopeId, payload: event.payload, type: event.type };
  if (event.type !== 'events_api') return { ...envelope, accepts_response_payload: true };
  const { attempt, reason } = retry;
  return { ...envelope, accepts_response_payload: false, retry_attempt: attempt, retry_reason: reason };
}

function parseAck(text: string): { envelope_id: string; payload?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== 'object' || !('envelope_id' in value)) return undefined;
    return { envelope_id: String(value.envelope_id), ...('payload' in value && { payload: value.payload }) };
  } catch {
    return undefined;
  }
}
