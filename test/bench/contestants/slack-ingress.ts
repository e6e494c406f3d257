import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { SECRETS } from '../world/people.ts';

export interface SlackQuestion {
  eventId: string;
  channel: string;
  text: string;
}

/** Takes Slack's events with node:http alone: body, signature, JSON; answered when `take` resolves. */
export function slackIngress(take: (question: SlackQuestion) => unknown): RequestListener {
  return async (request, response) => {
    const body = await readBody(request);
    if (!isSigned(request, body)) return void response.writeHead(401).end();
    const { event, event_id: eventId } = JSON.parse(body.toString('utf8'));
    try {
      await take({ eventId, channel: event.channel, text: event.text });
      response.writeHead(200, { 'content-length': 0 }).end();
    } catch {
      response.writeHead(503).end();
    }
  };
}

export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const time = request.headers['x-slack-request-timestamp'];
  const given = String(request.headers['x-slack-signature']);
  const digest = createHmac('sha256', SECRETS.slackSigning).update(`v0:${time}:`).update(body).digest('hex');
  const expected = `v0=${digest}`;
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
