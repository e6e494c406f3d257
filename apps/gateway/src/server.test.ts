import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Channel } from '@parley/adapter-registry';
import { createLogger, createMetrics } from '@parley/core/telemetry';
import { afterEach, expect, test, vi } from 'vitest';
import { closeServer, createServer } from './server.ts';
import { registerWebhooks } from './webhooks.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(running.splice(0).map((stop) => stop())));

async function setUp() {
  const lines: { level: string; msg: string }[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const inc = vi.spyOn(metrics.events, 'inc');
  const channel = { config: { id: 'bot', platform: 'slack' } } as Channel;
  const server = createServer(logger);
  const get = (id: string) => (id === 'bot' ? channel : undefined);
  registerWebhooks(server, { channels: { get }, inbound: { accept: async () => {} }, metrics, logger });
  await server.listen({ port: 0, host: '127.0.0.1' });
  running.push(() => closeServer(server, 0));
  const { port } = server.server.address() as AddressInfo;

  /** A request whose body never comes whole; resolves when the server has begun to read it. */
  async function beginRequest(path: string): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    const asked = once(server.server, 'request');
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"a`,
    );
    await asked;
    return socket;
  }
  return { server, lines, inc, beginRequest };
}

test('requests that break off are the strangers\u2019 fault: counted, and not a log line each', async () => {
  const { lines, inc, beginRequest } = await setUp();
  const paths = ['/webhooks/slack/bot', '/webhooks/slack/bot', '/webhooks/slack/nobody'];
  for (const path of paths) (await beginRequest(path)).destroy();
  await vi.waitFor(() => expect(inc).toHaveBeenCalledTimes(paths.length));
  for (const [labels] of inc.mock.calls)
    expect(labels).toEqual({ platform: 'slack', outcome: 'refused_invalid_request' });
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([['warn', 'webhook refused']]);
});

test('a request that never arrives whole does not keep the server from closing', async () => {
  const { server, beginRequest } = await setUp();
  const socket = await beginRequest('/webhooks/slack/bot');
  socket.on('error', () => {});
  const cut = once(socket, 'close');
  await closeServer(server, 10);
  await cut;
});

test('what reaches a server that is closing is still answered', async () => {
  const server = createServer(createLogger('silent'));
  const first = Promise.withResolvers<string>();
  server.get('/first', () => first.promise);
  server.get('/second', async () => 'second answered');
  await server.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  const request = (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nhost: hub\r\n\r\n`);
  let asked = once(server.server, 'request');
  request('/first');
  await asked;

  const closed = closeServer(server, 5_000);
  await vi.waitFor(() => expect(server.server.listening).toBe(false));
  asked = once(server.server, 'request');
  request('/second');
  await asked;
  first.resolve('first answered');

  const answers = (await socket.toArray()).join('');
  expect(answers.match(/HTTP\/1.1 \d+|\w+ answered/g)).toEqual([
    'HTTP/1.1 200',
    'first answered',
    'HTTP/1.1 200',
    'second answered',
  ]);
  await closed;
});

test.each([
  ['nobody is believed unless it is said', [], '203.0.113.7', '127.0.0.1'],
  ['a trusted proxy tells who called it', ['loopback'], '203.0.113.7', '203.0.113.7'],
  ['what a caller wrote before the proxy is not believed', ['loopback'], '1.2.3.4, 203.0.113.7', '203.0.113.7'],
  ['through two trusted proxies', ['127.0.0.1', '10.0.0.0/8'], '203.0.113.7, 10.1.2.3', '203.0.113.7'],
])('%s', async (_what, trustedProxies, forwarded, expected) => {
  const server = createServer(createLogger('silent'), { trustedProxies });
  server.get('/who', async ({ ip }) => ip);
  const answer = await server.inject({ url: '/who', headers: { 'x-forwarded-for': forwarded } });
  expect(answer.body).toBe(expected);
});
