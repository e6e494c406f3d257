import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toPlatformError } from './errors.ts';
import { leanTransport, sdkTransport, type Transport, type TransportPlace } from './transports.ts';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  type: IncomingHttpHeaders['content-type'];
  body: unknown;
}

let server: Server;
let place: TransportPlace;
let answer: RequestListener;
let seen: Seen[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const text = Buffer.concat(await request.toArray()).toString();
    seen.push({ method, url, type: headers['content-type'], body: JSON.parse(text) });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  place = { apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`, botToken: '1:a' };
});
beforeEach(() => {
  seen = [];
});
afterAll(() => {
  server.close().closeAllConnections();
});

const PAYLOAD = {
  chat_id: -1,
  text: 'ü & 你好',
  parse_mode: undefined,
  reply_parameters: null,
  deep: { a: [1, null] },
};
const json = (status: number, body: object) => (_: unknown, response: Parameters<RequestListener>[1]) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** What comes of a call over one of the two, in the form in which the adapter hands it on. */
async function outcomeOf(transport: Transport, timeoutMs = 5_000, signal?: AbortSignal): Promise<unknown> {
  try {
    return { result: await transport.call('sendMessage', PAYLOAD, { timeoutMs, signal }) };
  } catch (error) {
    if (error instanceof DOMException) return { late: error.name };
    const { code, message, outcomeUnknown, retryAfterMs } = toPlatformError(error, 'sendMessage');
    return { code, message, outcomeUnknown, retryAfterMs };
  }
}

const CASES: [string, RequestListener, object][] = [
  ['a result', json(200, { ok: true, result: { message_id: 7 } }), { result: { message_id: 7 } }],
  [
    'too many',
    json(429, { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 3 } }),
    { code: 'platform_rate_limited', retryAfterMs: 3000 },
  ],
  [
    'refused',
    json(400, { ok: false, error_code: 400, description: 'Bad Request: chat not found' }),
    { code: 'platform_rejected' },
  ],
  [
    'a token it does not know',
    json(401, { ok: false, error_code: 401, description: 'Unauthorized' }),
    { code: 'platform_unauthorized' },
  ],
  ['out of order', json(502, { ok: false }), { code: 'platform_unavailable', outcomeUnknown: false }],
  ['nobody answered its proxy', (_, response) => void response.writeHead(504).end('<html>'), { outcomeUnknown: true }],
  ['no JSON', (_, response) => void response.end('<html>'), { outcomeUnknown: true }],
  ['cut', (request) => void request.socket.destroy(), { code: 'platform_unavailable', outcomeUnknown: true }],
  [
    'a redirect to another host',
    (_, response) => void response.writeHead(307, { location: 'http://localhost:1/' }).end(),
    { code: 'platform_unavailable' },
  ],
];

describe('both ways to the Bot API', () => {
  test.each(CASES)('send the same and hear the same: %s', async (_name, listener, expected) => {
    answer = listener;
    const outcomes = [];
    for (const make of [sdkTransport, leanTransport]) {
      const transport = make(place);
      outcomes.push(await outcomeOf(transport));
      await transport.close();
    }
    expect(outcomes[0]).toMatchObject(expected);
    expect(outcomes[1]).toMatchObject(expected);
    const [ofSdk, ofLean] = seen;
    expect(ofLean).toEqual(ofSdk);
    expect(seen).toHaveLength(2);
  });

  test.each([sdkTransport, leanTransport])(
    'end when no answer comes, when they are given up, and with the channel: %o',
    async (make) => {
      answer = () => undefined;
      const transport = make(place);
      expect(await outcomeOf(transport, 50)).toEqual({ late: 'TimeoutError' });
      const given = new AbortController();
      const arrived = new Promise<void>((resolve) => {
        answer = () => resolve();
      });
      const pending = outcomeOf(transport, 5_000, given.signal);
      await arrived;
      given.abort();
      await pending;
      const open = outcomeOf(transport);
      await transport.close();
      expect(await open).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });
    },
  );
});
