import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { createWorld, startHub, startPostgres, startRedis, type TestHub, type World } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, signIn } from './helpers/console.ts';

/**
 * Addresses that came from the console and lead into the own network, at the moment of connecting. Here they are saved
 * while that is allowed, which leaves the hub where a name leaves it that means something else since it was saved.
 */
const cleanup = createCleanup();
let world: World;
let hub: TestHub;
let admin: ConsoleUser;
let keys: Record<string, string>;
/** Where the redirects lead: nobody may ever get there. */
let hidden: { url: string; requests: string[] };
let redirecting: { url: string; requests: string[] };

const FILE_KEY = 'key-of-the-file-tenant';

async function listen(answer: (url: string) => { status: number; location?: string }) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const { status, location } = answer(request.url ?? '');
    response.writeHead(status, location ? { location } : {}).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add({ close: async () => void server.close() });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  hidden = await listen(() => ({ status: 200 }));
  redirecting = await listen((path) => ({ status: 307, location: hidden.url + path }));
  const [redis, postgres] = [cleanup.add(await startRedis()), cleanup.add(await startPostgres())];
  const env = {
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    PARLEY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD,
  };
  const model = (id: string, base_url: string) => ({ id, provider: 'openai', endpoints: [{ base_url }], keys: ['sk'] });
  const config = {
    version: 1,
    tenants: [
      { id: 'files', models: ['by-file'] },
      { id: 'redirected', models: ['redirecting'] },
    ],
    models: [model('by-file', world.openai.url), model('redirecting', `${redirecting.url}/v1`)],
    api_keys: [
      { id: 'files', tenant: 'files', key: FILE_KEY },
      { id: 'redirected', tenant: 'redirected', key: `${FILE_KEY}-redirected` },
    ],
  };
  const before = await startHub({ config, env: { ...env, PARLEY_ALLOW_PRIVATE_URLS: 'on' } });
  cleanup.add(before);
  admin = await signIn(before.url);
  const save = async (path: string, body: object) => {
    const saved = await admin.send('POST', path, body);
    expect(saved.status, saved.text).toBe(201);
    return saved.body;
  };
  const byName = world.openai.url.replace('127.0.0.1', 'localhost');
  await save('/models', { config: model('by-address', world.openai.url) });
  await save('/models', { config: model('by-name', byName) });
  for (const id of ['by-address', 'by-name']) await save('/tenants', { config: { id, models: [id] } });
  const bots = world.config().channels.map((channel) => ({ ...channel, tenant: 'by-name' }));
  for (const bot of bots) await save('/channels', { config: bot });
  keys = { files: FILE_KEY, redirected: `${FILE_KEY}-redirected` };
  for (const tenant of ['by-address', 'by-name'])
    keys[tenant] = (await save('/api-keys', { tenant, name: tenant, scopes: ['chat'] })).key;
  expect((await ask(before, 'by-name')).status).toBe(200);
  await before.terminate();

  hub = cleanup.add(await startHub({ config, env: { ...env, PARLEY_ALLOW_PRIVATE_URLS: 'off' } }));
  admin = await signIn(hub.url);
});
afterAll(() => cleanup.run());

const ask = (of: TestHub, tenant: string) =>
  fetch(`${of.url}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[tenant]}` },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'hello' }] }),
  });

describe('a model', () => {
  test.each(['by-address', 'by-name'])('of the console is not asked there (%s)', async (tenant) => {
    const before = world.openai.requests.length;
    expect((await ask(hub, tenant)).status).toBe(503);
    expect(world.openai.requests.length).toBe(before);
    const line = hub.logs.find(({ model, msg }) => model === tenant && msg.startsWith('model attempt failed'));
    expect(line?.msg).toContain('own network');
  });

  test('of the file is asked wherever it is', async () => {
    expect((await ask(hub, 'files')).status).toBe(200);
  });

  test('that is tried out is not asked either, saved or not', async () => {
    const before = world.openai.requests.length;
    const saved = await admin.send('POST', '/models/by-name/test', { text: 'hello' });
    expect(saved.body).toMatchObject({ ok: false, message: expect.stringContaining('own network') });
    expect(world.openai.requests.length).toBe(before);
  });

  test('that redirects is not followed, not even one of the file', async () => {
    expect((await ask(hub, 'redirected')).status).toBe(503);
    expect(redirecting.requests.length).toBeGreaterThan(0);
    expect(hidden.requests).toEqual([]);
  });
});

describe.each(['slack', 'telegram', 'feishu'])('a channel on %s', (id) => {
  test('of the console calls nobody there', async () => {
    const { body } = await admin.send('POST', `/channels/${id}/probe`);
    expect(body).toMatchObject({ ok: false });
    expect(JSON.stringify(body)).toContain('ERR_INNER_ADDRESS');
  });
});
