import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { createWorld, startHub, type TestHub, type World } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, signIn } from './helpers/console.ts';

/** What the hub can be made to send: no stored secret to another address, and nothing between the lines. */
const cleanup = createCleanup();
let hub: TestHub;
let admin: ConsoleUser;
let world: World;
/** A stranger's server that writes down what it is sent. */
let stranger: Listener;

interface Listener {
  url: string;
  requests: string[];
}

async function listen(): Promise<Listener> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(JSON.stringify({ url: request.url, headers: request.headers, body }));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add({
    async close() {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  const env = { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD, PARLEY_SANDBOX: 'off', PARLEY_ALLOW_PRIVATE_URLS: 'on' };
  hub = cleanup.add(await startHub({ env }));
  admin = await signIn(hub.url);
  stranger = await listen();
  for (const id of ['acme', 'globex']) {
    expect((await admin.send('POST', '/tenants', { config: { id, models: [] } })).status).toBe(201);
  }
});
afterAll(() => cleanup.run());

const model = (provider: string, url: string) => ({
  id: 'tried',
  provider,
  model: 'x',
  keys: ['sk-1'],
  endpoints: [{ base_url: url }],
});
const channel = (platform: 'slack' | 'telegram' | 'feishu', url: string, over: object = {}) => ({
  id: `tried-${platform}`,
  tenant: 'acme',
  platform,
  transport: 'webhook',
  credentials: world[platform].credentials,
  api_base_url: url,
  ...over,
});

test('a line break in a secret puts no header into what is sent', async () => {
  const broken = (secret: string) => `${secret}\r\nX-Injected: 1`;
  for (const provider of ['openai', 'azure-openai', 'anthropic', 'deepseek', 'openai-compatible']) {
    const config = { ...model(provider, stranger.url), keys: [broken('sk')] };
    expect((await admin.send('POST', '/models/check', { config })).body.ok ?? false).toBe(false);
  }
  for (const platform of ['slack', 'telegram', 'feishu'] as const) {
    const credentials = Object.entries(world[platform].credentials).map(([name, value]) => [name, broken(value)]);
    const config = channel(platform, stranger.url, { credentials: Object.fromEntries(credentials) });
    expect((await admin.send('POST', '/channels/check', { config })).body.ok ?? false).toBe(false);
  }
  for (const request of stranger.requests.splice(0)) expect(request).not.toContain('x-injected');
});

test('a stored secret is not tried out at another address, nor under another name', async () => {
  const own = channel('telegram', world.telegram.url, { id: 'own' });
  const theirs = channel('slack', world.slack.url, { id: 'theirs', tenant: 'globex' });
  for (const config of [own, theirs]) expect((await admin.send('POST', '/channels', { config })).status).toBe(201);
  const kept = async (path: string) => (await admin.get(path)).body.config;
  const stored = { own: await kept('/channels/own'), theirs: await kept('/channels/theirs') };
  const moved = [
    { ...stored.own, api_base_url: stranger.url },
    { ...stored.own, id: 'other', api_base_url: stranger.url },
    { ...stored.theirs, api_base_url: stranger.url },
    { ...stored.theirs, tenant: 'acme', api_base_url: stranger.url },
    { ...stored.own, credentials: stored.theirs.credentials, api_base_url: stranger.url },
  ];
  for (const config of moved) {
    for (const path of ['/channels/check', '/channels']) {
      const { status, body } = await admin.send('POST', path, { config });
      expect([path, status === 200 ? body.ok : status]).toEqual([path, expect.toBeOneOf([false, 400, 409])]);
    }
  }
  const config = { ...model('openai', world.openai.url), id: 'sim' };
  expect((await admin.send('POST', '/models', { config })).status).toBe(201);
  const theModel = { ...(await kept('/models/sim')), endpoints: [{ base_url: stranger.url }] };
  for (const path of ['/models/check', '/models']) {
    const { status } = await admin.send('POST', path, {
      config: { ...theModel, id: path === '/models' ? 'copy' : 'sim' },
    });
    expect([path, status]).toEqual([path, 400]);
  }
  expect(stranger.requests).toEqual([]);

  // It would have heard of it: a secret that is entered anew is sent there.
  await admin.send('POST', '/channels/check', { config: { ...own, api_base_url: stranger.url } });
  expect(stranger.requests.join()).toContain(world.telegram.credentials.bot_token);
});
