import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADAPTERS } from '@parley/adapter-registry';
import type { Adapter } from '@parley/core/adapter';
import { channelSchema } from '@parley/core/config';
import type { Platform } from '@parley/core/message';
import { createNetwork } from '@parley/core/network';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWorld, until, type World } from '../support/index.ts';

/**
 * A platform's API that anybody may reach, and whose answers lead into the own network: a redirect, or the address of
 * the long connection. Here everything is on this machine, so the first hop is one that is not checked, and what
 * follows it is.
 */
let world: World;
let folder: string;
/** Of the adapter at work; `looks`: how many connections it wanted to open once they were checked. */
let policy = { isChecked: false, looks: 0 };
/** What only the hub can reach: over TCP, and as a socket in the file system. Requests by URL. */
const hidden = { requests: [] as string[], port: 0, socket: '' };
/** Stands in front of a simulator; from its first request on every new connection is checked. */
const front = { url: '', requests: [] as string[], answer: forward, handedOut: '', checksFollow: true };
let target = '';
const servers: Server[] = [];

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void, at?: string) {
  const server = createServer(handle).on('upgrade', (request, socket) => {
    hidden.requests.push(request.url ?? '');
    socket.destroy();
  });
  servers.push(server);
  await new Promise<void>((resolve) => (at ? server.listen(at, resolve) : server.listen(0, '::', resolve)));
  return at ? 0 : (server.address() as AddressInfo).port;
}

const reach = (request: IncomingMessage, response: ServerResponse) => {
  hidden.requests.push(request.url ?? '');
  response.end('{}');
};

beforeAll(async () => {
  world = await createWorld();
  folder = await mkdtemp(join(tmpdir(), 'parley-network-'));
  hidden.socket = join(folder, 'socket');
  hidden.port = await listen(reach);
  await listen(reach, hidden.socket);
  const port = await listen((request, response) => {
    front.requests.push(request.url ?? '');
    policy.isChecked = front.checksFollow;
    void front.answer(request, response);
  });
  front.url = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  hidden.requests.length = 0;
  front.requests.length = 0;
});

/** Passes a request on to the simulator, and puts another address in place of its WebSocket's. */
async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization = '', 'content-type': type = '' } = request.headers;
  const answer = await fetch(target + request.url, {
    method: request.method ?? 'GET',
    headers: { authorization, 'content-type': type },
    ...(request.method === 'POST' && { body: Buffer.concat(await request.toArray()) }),
  });
  const text = await answer.text();
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(text.replace(/wss?:(\\?\/){2}[^"]*/, front.handedOut));
}

async function redirect(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(307, { location: `http://127.0.0.1:${hidden.port}${request.url}` }).end();
}

async function on<T>(platform: Platform, transport: string, work: (adapter: Adapter) => Promise<T>): Promise<T> {
  target = world[platform].url;
  // Each has its own: what an earlier one still tries is checked for ever.
  const own = { isChecked: false, looks: 0 };
  policy = own;
  const { credentials } = world[platform];
  const channel = channelSchema.parse({
    id: platform,
    tenant: 'acme',
    platform,
    transport,
    credentials,
    api_base_url: front.url,
  });
  const adapter = (await ADAPTERS[platform]())(channel, {
    logger: createLogger('silent'),
    cache: { get: async () => undefined, set: async () => undefined },
    now: Date.now,
    network: createNetwork(() => {
      if (own.isChecked) own.looks += 1;
      return own.isChecked;
    }),
  });
  return work(adapter).finally(() => adapter.close());
}

describe.each(['slack', 'feishu'] as const)('the long connection of %s', (platform) => {
  /** Connects until `done`: how soon somebody gives up is the SDK's own affair. */
  const connect = (done: () => boolean) =>
    on(platform, 'socket', async (adapter) => {
      const stop = new AbortController();
      let isOver = false;
      const running = adapter
        .connect?.(async () => undefined, stop.signal)
        .catch(() => {
          isOver = true;
        });
      await until('the attempt', () => isOver || done());
      stop.abort();
      await running;
    });
  const handedOut = [
    (port: number) => `ws://127.0.0.1:${port}/link`,
    (port: number) => `ws://localhost:${port}/link`,
    (port: number) => `ws://[::1]:${port}/link`,
    (port: number) => `ws://[::ffff:7f00:1]:${port}/link`,
    (port: number) => `ws://2130706433:${port}/link`,
    (port: number) => `ws://0x7f.1:${port}/link`,
    (port: number) => `ws://017700000001:${port}/link`,
    (port: number) => `ws://0:${port}/link`,
    () => 'ws://169.254.169.254/link',
    () => `ws+unix://${hidden.socket}:/link`,
  ].map((of) => [of(0).replace(folder, ''), of] as const);

  test.each(handedOut)('is not opened to %s, whoever handed it out', async (_, of) => {
    Object.assign(front, { answer: forward, handedOut: of(hidden.port), checksFollow: true });
    await connect(() => policy.looks > 0);
    expect(front.requests.join()).toMatch(/connections\.open|ws\/endpoint/);
    expect(hidden.requests).toEqual([]);
  });

  test('is opened there where the own network is allowed', async () => {
    const address = `ws://localhost:${hidden.port}/link`;
    Object.assign(front, { answer: forward, handedOut: address, checksFollow: false });
    await connect(() => hidden.requests.length > 0);
    expect(hidden.requests[0]).toMatch(/^\/link/);
  });
});

describe.each(['slack', 'telegram', 'feishu'] as const)('a redirect by the API of %s', (platform) => {
  test.each([true, false])('leads nowhere (the own network is checked: %s)', async (checksFollow) => {
    Object.assign(front, { answer: redirect, checksFollow });
    await expect(on(platform, 'webhook', (adapter) => adapter.probe())).rejects.toMatchObject({
      code: expect.stringMatching(/^platform_/),
    });
    expect(front.requests.length).toBeGreaterThan(0);
    expect(hidden.requests).toEqual([]);
  });

  test.skipIf(platform === 'telegram')('nor where the long connection is asked for', async () => {
    Object.assign(front, { answer: redirect, checksFollow: false });
    const { signal } = new AbortController();
    const connected = on(platform, 'socket', async (adapter) => adapter.connect?.(async () => undefined, signal));
    await expect(connected).rejects.toMatchObject({ code: expect.stringMatching(/^platform_/) });
    expect(front.requests.length).toBeGreaterThan(0);
    expect(hidden.requests).toEqual([]);
  });
});

test('the test can fail: whoever is there answers', async () => {
  await fetch(`http://127.0.0.1:${hidden.port}/over-tcp`);
  await until('the request', () => hidden.requests.includes('/over-tcp'));
});
