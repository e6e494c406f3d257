import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startHub, type TestHub } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, readAnswer, signIn } from './helpers/console.ts';
import { sendRaw } from './helpers/raw.ts';

/** Requests that no browser would send: extra fields, inner addresses, line breaks and dots, tried as the hub's owner. */
const cleanup = createCleanup();
let hub: TestHub;
let owner: ConsoleUser;
let operations: Operation[];
/** A server of the own network, and how often somebody called it. */
let inner: { port: number; calls: string[] };

interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string }[];
  body: { additionalProperties?: boolean; properties?: Record<string, object> } | undefined;
}

beforeAll(async () => {
  const config = {
    version: 1,
    tenants: [{ id: 'acme', models: ['echo'] }],
    models: [{ id: 'echo', provider: 'echo' }],
  };
  // On a machine of one's own the own network is allowed; this is how the hub runs for others.
  const env = { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD, PARLEY_ALLOW_PRIVATE_URLS: 'off', PARLEY_SANDBOX: 'off' };
  hub = cleanup.add(await startHub({ config, env }));
  owner = await signIn(hub.url);
  const document = (await readAnswer(await fetch(`${hub.url}/api/openapi.json`))).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    // biome-ignore lint/suspicious/noExplicitAny: a document
    Object.entries(methods as Record<string, any>).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path: path.replace('/api/admin', ''),
      parameters,
      body: requestBody?.content['application/json']?.schema,
    })),
  );
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  cleanup.add({ close: async () => void server.close() });
  inner = { port: (server.address() as AddressInfo).port, calls };
});
afterAll(() => cleanup.run());

describe('fields that nobody offered', () => {
  const EXTRA = 'nobody_offers_this';

  test('are refused by every endpoint that takes a body, and by name', async () => {
    const withBody = operations.filter(({ body }) => body !== undefined);
    expect(withBody.length).toBeGreaterThan(25);
    const taken: string[] = [];
    for (const { method, path, body } of withBody) {
      if (body?.additionalProperties !== false) taken.push(`${method} ${path}: says that it takes anything`);
      const target = path
        .replace('{tenant}', 'acme')
        .replace('{platform}', 'slack')
        .replace(/\{\w+\}/g, '1');
      const { status, text } = await owner.send(method, target, { [EXTRA]: true });
      if (status !== 400 || !text.includes(EXTRA)) taken.push(`${method} ${path}: ${status} ${text.slice(0, 200)}`);
    }
    expect(taken).toEqual([]);
  });

  test('are refused inside what an entry of the configuration says, and so is what the server says about it', async () => {
    const bot = { id: 'bot', tenant: 'acme', platform: 'telegram', credentials: { bot_token: '1:a' } };
    const entries: [path: string, field: string, value: object][] = [
      ['/tenants', 'config', { id: 'new', [EXTRA]: 1 }],
      ['/tenants', 'config', { id: 'new', origin: 'file', read_only: false }],
      ['/tenants', 'config', { id: 'new', session: { [EXTRA]: 1 } }],
      ['/models', 'config', { id: 'new', provider: 'echo', [EXTRA]: 1 }],
      ['/models', 'config', { id: 'new', provider: 'echo', status: {} }],
      ['/channels', 'config', { ...bot, [EXTRA]: 1 }],
      ['/channels', 'config', { ...bot, credentials: { ...bot.credentials, [EXTRA]: 'x' } }],
      ['/config/versions', 'document', { [EXTRA]: [] }],
      ['/config/versions', 'document', { constructor: [] }],
      ['/config/versions', 'document', { tenants: 'acme' }],
      ['/config/versions', 'document', { channels: [null] }],
      ['/config/versions', 'document', { models: [{ id: 'new', provider: 'openai', keys: [{ $sealed: 'x' }] }] }],
    ];
    for (const [path, field, value] of entries) {
      const refused = await owner.send('POST', path, { [field]: value });
      expect([path, value, refused.status]).toEqual([path, value, 400]);
    }
    const rules = { rules: [{ tenant: 'acme', match: { exact: ['x'] }, reply: 'y', [EXTRA]: 1 }] };
    expect((await owner.change('/tenants/acme/rules', () => rules)).status).toBe(400);
    expect((await owner.change('/tenants/acme/guard', () => ({ guard: { tenant: 'acme', [EXTRA]: 1 } }))).status).toBe(
      400,
    );
    expect((await owner.change('/settings', () => ({ api: { [EXTRA]: 1 } }))).status).toBe(400);
    expect((await owner.get('/config')).body.version).toBeNull();
  });

  test('do not reach an object’s prototype', async () => {
    for (const body of [
      '{"config":{"id":"p","__proto__":{"polluted":1}}}',
      '{"__proto__":{"polluted":1},"config":{"id":"p"}}',
    ]) {
      const answer = await fetch(`${hub.url}/api/admin/tenants`, {
        method: 'POST',
        headers: { cookie: owner.cookie, 'x-csrf-token': owner.csrf, 'content-type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(400);
    }
  });
});

describe('addresses of the own network', () => {
  /** How the server below, and others that only the hub can reach, can be named. */
  const innerUrls = () =>
    [
      '127.0.0.1',
      'localhost',
      '127.1',
      '0.0.0.0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::]',
      '2130706433',
      '0x7f000001',
      '017700000001',
    ]
      .map((host) => `http://${host}:${inner.port}`)
      .concat('http://169.254.169.254/latest', 'http://10.0.0.1', 'http://192.168.1.1', 'http://[fd00::1]');

  const model = (url: string) => ({ id: 'm', provider: 'openai', keys: ['k'], endpoints: [{ base_url: url }] });
  const channels = (url: string) => [
    {
      id: 't',
      tenant: 'acme',
      platform: 'telegram',
      transport: 'polling',
      credentials: { bot_token: '1:a' },
      api_base_url: url,
    },
    {
      id: 's',
      tenant: 'acme',
      platform: 'slack',
      credentials: { bot_token: 'xoxb-1', signing_secret: 's' },
      api_base_url: url,
    },
    {
      id: 'f',
      tenant: 'acme',
      platform: 'feishu',
      credentials: { app_id: 'cli_a', app_secret: 's', verification_token: 'v' },
      api_base_url: url,
    },
  ];

  test('are refused for models and platforms, tried out or saved, and nobody is called', async () => {
    for (const url of innerUrls()) {
      const tries: [path: string, body: object][] = [
        ...['/models/check', '/models'].map((path): [string, object] => [path, { config: model(url) }]),
        ...channels(url).flatMap((config) =>
          ['/channels/check', '/channels'].map((path): [string, object] => [path, { config }]),
        ),
        ['/config/versions', { document: { models: [model(url)] } }],
        ['/config/versions', { document: { channels: channels(url) } }],
      ];
      for (const [path, body] of tries) {
        const refused = await owner.send('POST', path, body);
        expect([url, path, refused.status]).toEqual([url, path, 400]);
        const fields: { path: string }[] = refused.body.error.fields;
        expect(fields.map((field) => field.path).join()).toMatch(/base_url/);
      }
      const { body } = await owner.send('POST', '/config/validate', { document: { models: [model(url)] } });
      expect([url, body.ok]).toEqual([url, false]);
    }
    expect(inner.calls).toEqual([]);
    expect((await owner.get('/config')).body.version).toBeNull();
  });

  test('are no addresses at all with another scheme, or with a password in them', async () => {
    for (const url of [
      'file:///etc/passwd',
      'gopher://127.0.0.1:6379/_FLUSHALL',
      'unix:///tmp/x',
      'https://u:p@good.example',
    ]) {
      for (const path of ['/models/check', '/models']) {
        expect([url, (await owner.send('POST', path, { config: model(url) })).status]).toEqual([url, 400]);
      }
    }
  });

  test('the test can fail: the server answers whoever may call it', async () => {
    expect((await fetch(`http://127.0.0.1:${inner.port}/`)).status).toBe(200);
    expect(inner.calls).toEqual(['GET /']);
  });
});

describe('line breaks', () => {
  const INJECTED = '%0d%0aSet-Cookie:%20injected=1%0d%0aX-Injected:%201%0d%0a%0d%0a';

  test('in a path or a query end in no header of any answer', async () => {
    const reads = operations.filter(({ method, path }) => method === 'GET' && path !== '/events');
    expect(reads.length).toBeGreaterThan(35);
    for (const { path, parameters } of reads) {
      const query = parameters.filter((one) => one.in === 'query').map(({ name }) => `${name}=${INJECTED}`);
      for (const cookie of [[], [`cookie: ${owner.cookie}`]]) {
        const target = `/api/admin${path.replace(/\{\w+\}/g, INJECTED)}?${query.join('&')}`;
        const { status, head } = await sendRaw(hub.url, 'GET', target, cookie);
        expect([path, status]).toEqual([path, expect.toBeOneOf([200, 302, 400, 401, 403, 404])]);
        expect(head).not.toMatch(/^x-injected/im);
        expect(head).not.toMatch(/^set-cookie: injected/im);
      }
    }
  });

  test('in what is said back or logged are nothing but a new name', async () => {
    for (const name of ['a b', 'x'.repeat(200), '<script>', 'a\tb', 'ü', '"}{"msg":"forged']) {
      const { head } = await sendRaw(hub.url, 'GET', '/health', [`x-request-id: ${name}`]);
      const said = /^x-request-id: (.+)$/im.exec(head)?.[1];
      expect(said).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
      expect(said).not.toBe(name);
    }
    const { head } = await sendRaw(hub.url, 'GET', '/health', ['x-request-id: mine-1']);
    expect(head).toMatch(/^x-request-id: mine-1\r?$/im);
  });
});

describe('static files', () => {
  const built = fileURLToPath(new URL('../../apps/console/dist/', import.meta.url));
  const isBuilt = existsSync(`${built}index.html`);
  const PATHS = [
    '/../package.json',
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/%2e%2e/package.json',
    '/%2e%2e%2fpackage.json',
    '/..%5cpackage.json',
    '/..\\package.json',
    '/assets/%252e%252e/%252e%252e/package.json',
    '/assets/..%c0%af..%c0%afpackage.json',
    '/./../package.json',
    '//../package.json',
    '/assets//../../package.json',
    '/package.json%00.js',
    '/../src/main.tsx',
    '/../../../../../../../etc/passwd',
    '//etc/passwd',
    '/%2fetc%2fpasswd',
    '/.parley-built',
    '/.vite/manifest.json',
    '/size.json',
    '/api/docs/../../../package.json',
    '/api/docs/..%2f..%2fpackage.json',
    'http://hub.example/../package.json',
  ];

  test.skipIf(!isBuilt)('nothing outside of the build is served, however it is asked for', async () => {
    const asset = /\/assets\/[\w.-]+\.js/.exec(readFileSync(`${built}index.html`, 'utf8'))?.[0] ?? '';
    expect((await sendRaw(hub.url, 'GET', asset)).status).toBe(200);
    const page = (await sendRaw(hub.url, 'GET', '/', ['accept: text/html'])).body.replace(/nonce" content="[^"]*/, '');
    expect(page).toContain('<!doctype html>');
    for (const path of PATHS) {
      for (const accept of ['*/*', 'text/html']) {
        const { status, body } = await sendRaw(hub.url, 'GET', path, [`accept: ${accept}`]);
        // For a browser what does not exist is the console's page, which says so.
        const isPage = accept === 'text/html' && status === 200 && body.replace(/nonce" content="[^"]*/, '') === page;
        expect([path, accept, isPage ? 404 : status]).toEqual([path, accept, expect.toBeOneOf([400, 404])]);
        expect(body).not.toMatch(/@parley\/console|root:x:0|createRoot/);
      }
    }
  });
});
