import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startHub, type TestHub } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, readAnswer, signIn } from './helpers/console.ts';

/**
 * What no form would ever send, to every endpoint of the OpenAPI document: each has to be told that the value is wrong,
 * and none may fail over it. Sent by an owner, so that nothing is refused sooner.
 */
const cleanup = createCleanup();
let hub: TestHub;
let owner: ConsoleUser;
let operations: Operation[];

// Thousands of requests, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 });

interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; required?: boolean }[];
  hasBody: boolean;
}

const config = {
  version: 1,
  tenants: [{ id: 'acme', models: ['echo'] }],
  models: [{ id: 'echo', provider: 'echo' }],
};

beforeAll(async () => {
  hub = cleanup.add(await startHub({ config, env: { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD } }));
  owner = await signIn(hub.url);
  const document = (await readAnswer(await fetch(`${hub.url}/api/openapi.json`))).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { parameters?: Operation['parameters']; requestBody?: object }>).map(
      ([method, { parameters = [], requestBody }]) => ({
        method: method.toUpperCase(),
        path: path.replace('/api/admin', ''),
        parameters,
        hasBody: requestBody !== undefined,
      }),
    ),
  );
});
afterAll(() => cleanup.run());

/** Signing out would end the test; what streams for ever is tried elsewhere. */
const isTried = ({ path }: Operation) => !['/auth/logout', '/events'].includes(path);

const cursor = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
const VALUES = [
  '%00',
  'a%00b',
  '-1',
  '1e308',
  '9007199254740991',
  '99999999999999999999',
  '2147483648',
  'NaN',
  '%F0%9F%92%A9',
  '%ED%A0%80',
  "'%20or%201=1--",
  '..%2f..%2f',
  '__proto__',
  'constructor',
  '0001-01-01',
  '9999-12-31T23:59:59Z',
];
/** Places of lists that nobody was ever given. */
const PLACES = [
  { at: 1e300, id: 'x' },
  { at: -1e300, id: 'x' },
  { at: 0.5, id: 'x' },
  { at: Number.MAX_SAFE_INTEGER, id: 'x', tenant: 'acme', seq: 1 },
  { at: 8.64e15, id: 'x', tenant: 'acme', seq: 1 },
  { at: 253_402_300_799_999, id: 'x', tenant: 'acme', seq: 1 },
  { at: 1, id: 'a\u0000b', tenant: 'a\u0000b', seq: 1 },
  { at: 1, id: 0.5, tenant: 'acme', seq: 0.5 },
  { at: 1, id: Number.MAX_SAFE_INTEGER, tenant: 'acme', seq: Number.MAX_SAFE_INTEGER },
  { at: 1, id: -1, tenant: '*', seq: -1 },
  'a\u0000b',
  'x'.repeat(300),
  9_007_199_254_740_991,
  -1,
  0.5,
  null,
  [],
].map(cursor);

type Try = [method: string, path: string, body?: unknown];
const AT_ONCE = 8;

/** What the hub failed over. */
async function failuresOf(tries: Try[]): Promise<string[]> {
  const failed: string[] = [];
  const send = async ([method, path, body]: Try) => {
    const { status, text } = await owner.send(method, path, body, { 'if-match': '*' });
    // There is no identity provider, no backup and no other machine to ask here, which is said as well.
    if (status < 500 || text.includes('"code":"unavailable"')) return;
    failed.push(`${method} ${path} ${JSON.stringify(body)?.slice(0, 80)}: ${status}`);
  };
  for (let i = 0; i < tries.length; i += AT_ONCE) await Promise.all(tries.slice(i, i + AT_ONCE).map(send));
  return failed;
}

const filled = ({ path, parameters }: Operation, value: string) => {
  const query = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const needed = parameters.filter((one) => one.in === 'query' && one.required).map(({ name }) => `${name}=acme`);
  return { at: path.replace(/\{\w+\}/g, value), query, needed };
};

describe('an endpoint that is read', () => {
  test('takes no value of a path or a query for granted', async () => {
    const tries = operations
      .filter((one) => one.method === 'GET' && isTried(one))
      .flatMap((one) =>
        VALUES.flatMap((value) => {
          const { at, query, needed } = filled(one, value);
          return ['', ...query].map((name): Try => {
            const others = needed.filter((pair) => !pair.startsWith(`${name}=`));
            return ['GET', `${at}?${[...others, ...(name ? [`${name}=${value}`] : [])].join('&')}`];
          });
        }),
      );
    expect(tries.length).toBeGreaterThan(1_000);
    expect(await failuresOf(tries)).toEqual([]);
  });

  test('goes on at no place that it did not give', async () => {
    const lists = operations.filter(
      ({ method, parameters }) => method === 'GET' && parameters.some(({ name }) => name === 'cursor'),
    );
    expect(lists.length).toBeGreaterThan(5);
    const tries = lists.flatMap((one) =>
      [...PLACES, 'not base64 at all', '%00'].map((place): Try => {
        const { at, needed } = filled(one, 'acme');
        return ['GET', `${at}?${[...needed, `cursor=${place}`].join('&')}`];
      }),
    );
    expect(await failuresOf(tries)).toEqual([]);
  });
});

describe('an endpoint that changes something', () => {
  const DEEP = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const BODIES = [
    null,
    [],
    'text',
    0,
    true,
    {},
    { config: null },
    { config: [] },
    { config: { id: 'a\u0000b', tenant: 'a\u0000b', platform: 'slack', provider: 'echo', credentials: {} } },
    { username: 'a\u0000b', password: 'a\u0000b', roles: [{ tenant: 'a\u0000b', role: 'viewer' }] },
    {
      tenant: 'a\u0000b',
      name: 'a\u0000b',
      text: 'a\u0000b',
      user: 'a\u0000b',
      messages: [{ role: 'user', content: 'a\u0000b' }],
    },
    {
      name: 'a\u0000b',
      actions: ['a\u0000b'],
      resources: ['a\u0000b'],
      principals: ['a\u0000b'],
      effect: 'allow',
      tenant: '*',
    },
    { document: {}, comment: 'a\u0000b' },
    { document: { tenants: [{ id: 'a\u0000b' }] } },
    {
      rules: [{ tenant: 'acme', match: { regex: '(' }, reply: 'x' }],
      guard: [{ tenant: 'acme', patterns: [{ name: 'x', regex: '(' }] }],
    },
    { next: 'a\u0000b'.repeat(10), current: 'x'.repeat(20), code: '\u0000' },
    { limit: 1e308, expires_at: '0000-00-00', expires_in_days: -1 },
  ];

  test('takes no body for granted', async () => {
    const tries = operations
      .filter((one) => one.method !== 'GET' && isTried(one))
      .flatMap((one) =>
        BODIES.map((body): Try => {
          const { at, needed } = filled(one, 'acme');
          return [one.method, needed.length > 0 ? `${at}?${needed.join('&')}` : at, body];
        }),
      );
    expect(tries.length).toBeGreaterThan(500);
    expect(await failuresOf(tries)).toEqual([]);
  });

  test('takes no path for granted either', async () => {
    const tries = operations
      .filter((one) => one.method !== 'GET' && one.path.includes('{') && isTried(one))
      .flatMap((one) => VALUES.map((value): Try => [one.method, filled(one, value).at, {}]));
    expect(await failuresOf(tries)).toEqual([]);
  });

  test('reads nothing that is too deep, too large, broken off or of another kind', async () => {
    const { cookie, csrf } = owner;
    const send = async (body: string, type = 'application/json') => {
      const headers = { cookie, 'x-csrf-token': csrf, 'content-type': type };
      return (await fetch(`${hub.url}/api/admin/users`, { method: 'POST', headers, body })).status;
    };
    expect(await send(DEEP)).toBe(400);
    expect(await send(`{"username":${DEEP}}`)).toBe(400);
    expect(await send('{"username":')).toBe(400);
    expect(await send('{"__proto__":{"roles":[]},"username":"x"}')).toBe(400);
    expect(await send(`{"username":"${'x'.repeat(1024 * 1024)}"}`)).toBe(413);
    expect(await send('username=mallory', 'application/x-www-form-urlencoded')).toBe(415);
    expect(await send('{"username":"mallory"}', 'text/plain')).toBe(400);
    expect((await owner.get('/users')).body.items.map(({ username }: { username: string }) => username)).toEqual([
      'admin',
    ]);
  });
});

test('the hub lives, and its owner is signed in as before', async () => {
  expect((await fetch(`${hub.url}/ready`)).status).toBe(200);
  expect((await owner.get('/me')).status).toBe(200);
  expect(hub.logs.filter(({ msg }) => msg === 'request failed')).toEqual([]);
});
