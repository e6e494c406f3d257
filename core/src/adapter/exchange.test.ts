import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Exchange, exchange } from './exchange.ts';

let server: Server;
let agent: Agent;
let origin: string;
let seen: { method: string | undefined; url: string | undefined; headers: object; body: string }[];
let answer: RequestListener;

beforeEach(async () => {
  seen = [];
  agent = new Agent({ connections: 1 });
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(await request.toArray()).toString() });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await agent.destroy();
  server.close().closeAllConnections();
});

const ask = (over: Partial<Exchange> = {}, signal?: AbortSignal) =>
  exchange(
    agent,
    { origin, path: '/a?b=c', method: 'POST', headers: { 'x-y': 'z' }, timeoutMs: 5_000, maxBytes: 1_000, ...over },
    signal,
  );

test('sends a request as it is, and reads the whole answer, whatever pieces it comes in', async () => {
  const text = '{"said":"你好"}';
  const bytes = Buffer.from(text);
  answer = (_request, response) => {
    response.writeHead(201, 'Made', { 'x-kind': ['a', 'b'] });
    response.write(bytes.subarray(0, 10));
    setImmediate(() => response.end(bytes.subarray(10)));
  };
  const result = await ask({ body: 'ü' });
  expect(result).toMatchObject({ status: 201, statusText: 'Made', headers: { 'x-kind': ['a', 'b'] }, text });
  const headers = expect.objectContaining({ 'x-y': 'z', 'content-length': '2' });
  expect(seen).toEqual([{ method: 'POST', url: '/a?b=c', headers, body: 'ü' }]);
});

test('an answer without a body, behind an early hint', async () => {
  answer = (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.writeHead(204).end();
  };
  expect(await ask()).toMatchObject({ status: 204, text: '' });
});

test('a redirect is an answer', async () => {
  answer = (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end();
  expect(await ask()).toMatchObject({ status: 307 });
  expect(seen).toHaveLength(1);
});

test('ends when the answer does not come, and when it does not end', async () => {
  answer = () => undefined;
  await expect(ask({ timeoutMs: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
  answer = (_request, response) => void response.writeHead(200).write('begun');
  await expect(ask({ timeoutMs: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('ends when the answer is too long, and the next one is none the worse', async () => {
  answer = (_request, response) => response.end('x'.repeat(2_000));
  await expect(ask()).rejects.toThrow('too long');
  answer = (_request, response) => response.end('short');
  expect(await ask()).toMatchObject({ text: 'short' });
});

test('whoever gives up hears of it at once; what still waited for a socket is never sent', async () => {
  const first = new AbortController();
  const second = new AbortController();
  const arrived = Promise.withResolvers<void>();
  answer = () => arrived.resolve();
  const sent = ask({}, first.signal);
  const waiting = ask({ path: '/waits' }, second.signal);
  await arrived.promise;
  second.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  first.abort();
  await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
  answer = (_request, response) => response.end('after');
  expect(await ask({ path: '/next' })).toMatchObject({ text: 'after' });
  expect(seen.map(({ url }) => url)).toEqual(['/a?b=c', '/next']);
});

test('tells what undici says when nobody listens, when the socket is cut, and after the end', async () => {
  answer = (request) => request.socket.destroy();
  await expect(ask()).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
  await new Promise((resolve) => server.close(resolve));
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await agent.destroy();
  await expect(ask()).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' });
});
