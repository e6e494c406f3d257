import { decideAccess, ROLES, type RoleName, rolePolicies } from '@parley/core/access';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startHub, type TestHub } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, readAnswer, signIn } from './helpers/console.ts';

/** Every endpoint of the OpenAPI document, tried by everybody who may not. */
const cleanup = createCleanup();
let hub: TestHub;
let operations: Operation[];
const people = new Map<string, ConsoleUser>();

interface Operation {
  method: string;
  /** With something in place of every parameter. */
  path: string;
  action: string;
}

interface Described {
  'x-parley-action': string;
  parameters: { name: string; in: string; required: boolean }[];
}

/** With something in place of every parameter that has to be there. */
function callable(path: string, { parameters }: Described): string {
  const value: Record<string, string> = { tenant: 'acme', platform: 'slack' };
  const needed = parameters.filter(({ in: where, required }) => where === 'query' && required);
  const query = new URLSearchParams(needed.map(({ name }): [string, string] => [name, value[name] ?? '1']));
  const filled = path.replace('/api/admin', '').replace(/\{(\w+)\}/g, (_, name: string) => value[name] ?? '1');
  return query.size > 0 ? `${filled}?${query}` : filled;
}

const config = {
  version: 1,
  tenants: [
    { id: 'acme', models: ['echo'] },
    { id: 'globex', models: ['echo'] },
  ],
  models: [{ id: 'echo', provider: 'echo' }],
};

beforeAll(async () => {
  hub = cleanup.add(await startHub({ config, env: { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD } }));
  const document = (await readAnswer(await fetch(`${hub.url}/api/openapi.json`))).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Described>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: callable(path, operation),
      action: operation['x-parley-action'],
    })),
  );
  const owner = await signIn(hub.url);
  for (const role of ROLES) {
    for (const tenant of ['acme', '*']) {
      const username = `${role}-of-${tenant === '*' ? 'all' : tenant}`;
      const password = `a password of ${username}`;
      const made = await owner.send('POST', '/users', { username, password, roles: [{ tenant, role }] });
      if (made.status !== 201) throw new Error(made.text);
      people.set(username, await signInFresh(username, password));
    }
  }
});
afterAll(() => cleanup.run());

/** Whom somebody else gave a password has to choose an own one first. */
async function signInFresh(username: string, password: string): Promise<ConsoleUser> {
  const first = await signIn(hub.url, username, password);
  const next = `${password}, changed`;
  await first.send('PUT', '/me/password', { current: password, next });
  return signIn(hub.url, username, next);
}

const isGuarded = ({ action }: Operation) => action !== 'open';

describe('nobody', () => {
  test('gets past any endpoint but those that are meant for everybody', async () => {
    expect(operations.length).toBeGreaterThan(60);
    const open = operations.filter((one) => !isGuarded(one)).map(({ path }) => path);
    expect(open.every((path) => path.startsWith('/auth/'))).toBe(true);
    for (const { method, path } of operations.filter(isGuarded)) {
      for (const headers of [{}, { authorization: 'Bearer pat_nothing' }, { cookie: 'parley_session=guessed' }]) {
        const answer = await fetch(`${hub.url}/api/admin${path}`, { method, headers, redirect: 'manual' });
        expect(answer.status, `${method} ${path}`).toBe(401);
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
        await answer.body?.cancel();
      }
    }
  });

  test('writes with somebody’s cookie alone, or from another site’s page', async () => {
    const { cookie, csrf } = await signIn(hub.url);
    const other = await signIn(hub.url);
    const tries = [
      {},
      { 'x-csrf-token': 'wrong' },
      { 'x-csrf-token': other.csrf },
      { 'x-csrf-token': csrf, origin: 'https://evil.example' },
      { 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' },
    ];
    for (const { method, path } of operations.filter((one) => isGuarded(one) && one.method !== 'GET')) {
      for (const headers of tries) {
        const answer = await fetch(`${hub.url}/api/admin${path}`, { method, headers: { cookie, ...headers } });
        expect(answer.status, `${method} ${path} with ${JSON.stringify(headers)}`).toBe(403);
        await answer.body?.cancel();
      }
    }
  });
});

/** What the roles say, asked without the server. */
function mayAnywhere(role: RoleName, tenant: string, { action, method }: Operation): boolean {
  const [kind = ''] = action.split(':');
  const subject = { principals: [`role:${role}@${tenant}`] };
  const resources = [`hub/${kind}/-`, `tenant/acme/${kind}/-`];
  return resources.some(
    (resource) =>
      decideAccess(
        subject,
        { actions: [action, `${method.toLowerCase()}:${kind}`], resource },
        rolePolicies(role, tenant),
      ).allowed,
  );
}

describe.each(
  ROLES.flatMap(
    (role) =>
      [
        [role, 'acme'],
        [role, '*'],
      ] as const,
  ),
)('%s of %s', (role, tenant) => {
  test('is refused everything that the role does not give, before anything is looked at', async () => {
    const person = people.get(`${role}-of-${tenant === '*' ? 'all' : tenant}`) as ConsoleUser;
    const beyond = operations.filter(
      (one) => isGuarded(one) && one.action !== 'self' && !mayAnywhere(role, tenant, one),
    );
    if (role === 'viewer') expect(beyond.length).toBeGreaterThan(30);
    if (role === 'owner' && tenant === '*') expect(beyond).toEqual([]);
    for (const { method, path, action } of beyond) {
      const answer = await person.send(method, path, method === 'GET' ? undefined : {});
      expect(answer.status, `${method} ${path} (${action}): ${answer.text}`).toBe(403);
      expect(answer.body.error.code).toBe('forbidden');
    }
  });
});

test('who has a tenant reaches nothing of another', async () => {
  const owner = await signIn(hub.url);
  const bot = {
    platform: 'telegram',
    transport: 'polling',
    credentials: { bot_token: '1:abc' },
    api_base_url: 'http://127.0.0.1:9',
  };
  for (const tenant of ['acme', 'globex']) {
    const made = await owner.send('POST', '/channels', { config: { ...bot, id: `${tenant}-bot`, tenant } });
    expect(made.status, made.text).toBe(201);
  }
  const person = people.get('owner-of-acme') as ConsoleUser;
  expect((await person.get('/tenants')).body.items.map(({ id }: { id: string }) => id)).toEqual(['acme']);
  expect((await person.get('/channels')).body.items.map(({ id }: { id: string }) => id)).toEqual(['acme-bot']);
  const channel = await person.get('/channels/acme-bot');
  const attempts: [string, string, unknown?][] = [
    ['GET', '/channels/globex-bot'],
    ['DELETE', '/channels/globex-bot'],
    ['GET', '/tenants/globex'],
    ['PUT', '/tenants/globex', { config: { id: 'globex' } }],
    ['GET', '/tenants/globex/rules'],
    ['GET', '/turns?tenant=globex'],
    ['GET', '/turns/errors?tenant=globex'],
    ['GET', '/usage?tenant=globex'],
    ['GET', '/quota?tenant=globex'],
    ['GET', '/audit?tenant=globex'],
    ['POST', '/api-keys', { tenant: 'globex', name: 'mine' }],
    ['POST', '/playground', { tenant: 'globex', messages: [{ role: 'user', content: 'hi' }] }],
    ['POST', '/channels', { config: { ...bot, id: 'third', tenant: 'globex' } }],
    ['POST', '/users', { username: 'mallory', roles: [{ tenant: '*', role: 'owner' }] }],
    ['POST', '/users', { username: 'mallory', roles: [{ tenant: 'globex', role: 'viewer' }] }],
    [
      'POST',
      '/policies',
      { tenant: '*', name: 'all', effect: 'allow', actions: ['*'], resources: ['*'], principals: ['*'] },
    ],
    ['POST', '/models', { config: { id: 'x', provider: 'echo' } }],
    ['GET', '/config'],
  ];
  for (const [method, path, body] of attempts) {
    const answer = await person.send(method, path, body, { 'if-match': '*' });
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(403);
  }
  // Not even by moving an own thing there.
  const moved = await person.send(
    'PUT',
    '/channels/acme-bot',
    { config: { ...channel.body.config, tenant: 'globex' } },
    { 'if-match': '*' },
  );
  expect(moved.status).toBe(403);
  expect((await owner.get('/channels/acme-bot')).body.tenant).toBe('acme');
});

test('what is refused stands in the audit log', async () => {
  const viewer = people.get('viewer-of-acme') as ConsoleUser;
  await viewer.send('PUT', '/tenants/acme', { config: { id: 'acme' } }, { 'if-match': '*' });
  const owner = await signIn(hub.url);
  const { items } = (await owner.get('/audit?tenant=acme')).body;
  expect(items).toContainEqual(
    expect.objectContaining({
      actor: 'viewer-of-acme',
      action: 'tenant:write.denied',
      target: 'tenant/acme/tenant/acme',
    }),
  );
});
