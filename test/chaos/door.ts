import { createDecipheriv, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ledger } from './ledger.ts';
import { askedIn } from './questions.ts';

/**
 * What stands before the gateways: a load balancer with one address, which passes each webhook to a gateway that takes
 * connections. It also sees which question was accepted when.
 */
export interface Door {
  url: string;
  /** Puts a gateway in or takes it out. */
  open(name: string, gatewayUrl: string): void;
  shut(name: string): void;
  close(): Promise<void>;
}

export interface DoorOptions {
  /**
   * Tries another gateway also when one broke off, which may have taken the event already: what deploy/nginx does, because
   * the hub drops what it has seen. Default false, which makes the platform deliver again.
   */
  triesAgain?: boolean;
}

export async function createDoor(
  ledger: Ledger,
  feishuEncryptKey: string,
  { triesAgain = false }: DoorOptions = {},
): Promise<Door> {
  const gateways = new Map<string, string>();
  let turn = 0;

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const marker = askedIn(plainBody(body, feishuEncryptKey));
    if (marker) ledger.tried(marker);
    const urls = [...gateways.values()];
    // Its own: others come in between, and every gateway must have its turn.
    const first = turn++;
    for (let i = 0; i < urls.length; i++) {
      const answer = await forward(urls[(first + i) % urls.length] as string, incoming, body, response);
      // Else only what nobody has read may be given to another gateway.
      if (answer === 'refused' || (answer === 'broken' && triesAgain)) continue;
      if (answer === 'broken') break;
      if (marker && answer.status >= 200 && answer.status < 300) ledger.accepted(marker);
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    response.writeHead(502).end();
  }

  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (name, gatewayUrl) => void gateways.set(name, gatewayUrl),
    shut: (name) => void gateways.delete(name),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

function forward(
  gateway: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  client: ServerResponse,
): Promise<Answer | 'refused' | 'broken'> {
  return new Promise((resolve) => {
    const outgoing = request(gateway + (url ?? '/'), { method, headers, agent: false }, (incoming) => {
      readBody(incoming).then(
        (answer) => {
          const retryAfter = incoming.headers['retry-after'];
          resolve({
            status: incoming.statusCode ?? 502,
            headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
            body: answer,
          });
        },
        () => resolve('broken'),
      );
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken');
    });
    client.once('close', () => outgoing.destroy());
    outgoing.end(body);
  });
}

async function readBody(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The body as it can be searched: Feishu's is encrypted. */
function plainBody(body: Buffer, feishuEncryptKey: string): string {
  const text = body.toString();
  const sealed = /^\{\s*"encrypt"\s*:\s*"([^"]+)"/.exec(text)?.[1];
  if (sealed === undefined) return text;
  const bytes = Buffer.from(sealed, 'base64');
  const key = createHash('sha256').update(feishuEncryptKey).digest();
  const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16));
  return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString();
}
