import { createLogger } from '@parley/core/telemetry';
import { type ChatApiDeps, createServer, registerChatApi } from '@parley/gateway';
import { startOpenAiSimulator } from '@parley/simulators/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { startHub, type TestHub } from '../support/index.ts';

/**
 * Tenants never meet: every path of the HTTP API with another tenant's key, token and session. The paths are the server's
 * own list, so that a new one without a probe fails here.
 */
const cleanup = createCleanup();
let hub: TestHub;
let models: Record<'shared' | 'acme' | 'globex', Awaited<ReturnType<typeof startOpenAiSimulator>>>;

const KEYS = { acme: 'key-of-acme-for-tests', globex: 'key-of-globex-for-tests' };
const CARD = '4111 1111 1111 1111';
/** What only acme knows. */
const MARKS = ['acme-secret', CARD, 'acme-instructions', 'acme-model'];
const SESSION = 'session-1';
const SUBJECT = 'ann';
const CACHED = 'a question that many ask';

/** A model that shows all that it was given. */
const reply = ({ system, messages }: { system: string; messages: object[] }) => JSON.stringify([system, messages]);

beforeAll(async () => {
  const [shared, acme, globex] = await Promise.all([1, 2, 3].map(() => startOpenAiSimulator({ reply })));
  if (!shared || !acme || !globex) throw new Error('no models');
  models = { shared, acme, globex };
  for (const simulator of Object.values(models)) cleanup.add(simulator);
  const tenant = (id: string) => ({
    id,
    models: ['shared', `${id}-model`],
    system_prompt: `${id}-instructions`,
    cache: {},
    limits: { day: 1000 },
    user_limits: { day: 500 },
  });
  const config = {
    version: 1,
    tenants: ['acme', 'globex'].map(tenant),
    models: Object.entries(models).map(([name, { url }]) => ({
      id: name === 'shared' ? name : `${name}-model`,
      provider: 'openai',
      endpoints: [{ base_url: url }],
      keys: [`sk-${name}`],
    })),
    guard: ['acme', 'globex'].map((id) => ({ tenant: id, mask: ['credit_card'] })),
    api_keys: Object.entries(KEYS).map(([id, key]) => ({ id, tenant: id, key })),
    api: { ip_limit: { requests: 1000 } },
  };
  hub = cleanup.add(await startHub({ config }));
  await liveAsAcme();
});
afterAll(() => cleanup.run());

function send(method: string, path: string, bearer?: string, body?: object): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
  return fetch(hub.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

const say = (content: string) => ({ messages: [{ role: 'user', content }] });

async function tokenOf(tenant: keyof typeof KEYS): Promise<string> {
  const issued = await send('POST', '/v1/tokens', KEYS[tenant], { subject: SUBJECT });
  return ((await issued.json()) as { token: string }).token;
}

/** Acme leaves its traces wherever there are any: sessions by key and by token, limits, the answer cache. */
async function liveAsAcme(): Promise<void> {
  for (const bearer of [KEYS.acme, await tokenOf('acme')]) {
    for (const path of ['/chat', '/v1/chat']) {
      const told = await send('POST', path, bearer, { session_id: SESSION, ...say(`acme-secret and ${CARD}`) });
      expect(told.status).toBe(200);
    }
    await send('POST', '/v1/chat/completions', bearer, { user: SUBJECT, ...say('acme-secret') });
  }
  expect((await send('POST', '/chat', KEYS.acme, say(CACHED))).headers.get('x-parley-cache')).toBe('miss');
  expect((await send('POST', '/chat', KEYS.acme, say(CACHED))).headers.get('x-parley-cache')).toBe('hit');
  const recalled = await (await send('POST', '/chat', KEYS.acme, { session_id: SESSION, ...say('what?') })).text();
  // Without this the rest would prove nothing.
  for (const mark of ['acme-secret', 'acme-instructions', CARD]) expect(recalled).toContain(mark);
}

interface Probe {
  /** Where the route has a parameter. */
  at?: string;
  /** A request that would touch what is acme's, if it could. */
  body?: object;
  /** The caller may name a model. */
  model?: true;
  /** Open to everybody. */
  open?: true;
}

const GREEDY = 'tell me all. [CREDIT_CARD_1]';
const PROBES: Record<string, Probe> = {
  'POST /chat': { model: true, body: { session_id: SESSION, ...say(GREEDY) } },
  'POST /v1/chat': { model: true, body: { session_id: SESSION, stream: true, ...say(GREEDY) } },
  'POST /v1/chat/completions': { model: true, body: { user: SUBJECT, ...say(GREEDY) } },
  'GET /v1/models': {},
  'GET /v1/models/:model': { at: '/v1/models/shared' },
  'GET /v1/quota': {},
  'POST /v1/tokens': { body: { subject: SUBJECT } },
  'GET /.well-known/jwks.json': { open: true },
};
const probes = Object.entries(PROBES).map(([route, probe]) => [route, probe] as const);

function probe(route: string, bearer: string | undefined, over: object = {}): Promise<Response> {
  const [method = '', path = ''] = route.split(' ');
  const { at = path, body } = PROBES[route] ?? {};
  return send(method, at, bearer, body && { ...body, ...over });
}

test('every path of the server is tried here', async () => {
  const routes: string[] = [];
  const server = createServer(createLogger('silent'));
  server.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD' && one !== 'OPTIONS') routes.push(`${one} ${url}`);
  });
  registerChatApi(server, { redis: { defineCommand() {} } } as unknown as ChatApiDeps);
  await server.ready();
  await server.close();
  expect(routes.sort()).toEqual(Object.keys(PROBES).sort());
});

describe.each(probes)('%s', (route, { model, open }) => {
  test("with the other's key or token there is nothing of acme's in the answer, nor in what a model is asked", async () => {
    for (const bearer of [KEYS.globex, await tokenOf('globex')]) {
      const seen = Object.values(models).map(({ requests }) => requests.length);
      const response = await probe(route, bearer);
      expect(response.ok).toBe(true);
      const text = await response.text();
      expect(MARKS.filter((mark) => text.includes(mark))).toEqual([]);
      const asked = Object.values(models).flatMap(({ requests }, index) => requests.slice(seen[index]));
      const prompts = JSON.stringify(asked.map(({ body }) => body));
      expect(MARKS.filter((mark) => prompts.includes(mark))).toEqual([]);
      if (route === 'POST /v1/tokens') break; // a token issues no tokens
    }
    expect(models.acme.requests).toEqual([]);
  });

  test.runIf(model)("the other's model is as unknown as one that there is not", async () => {
    const refusals = [];
    for (const name of ['acme-model', 'nobody-model']) {
      const response = await probe(route, KEYS.globex, { model: name });
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      refusals.push([response.status, error.code, error.message.replace(name, 'NAME')]);
    }
    expect(refusals[0]).toEqual(refusals[1]);
    expect(refusals[0]?.[0]).toBe(404);
  });

  test.skipIf(open)('a token that was changed, or is nobody’s, opens nothing', async () => {
    const [head, , signature] = (await tokenOf('globex')).split('.');
    const encode = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
    const claims = {
      tenant: 'acme',
      key: 'acme',
      kid: 'acme',
      sub: SUBJECT,
      exp: 4e9,
      scopes: ['chat', 'models', 'quota'],
    };
    const [, payload] = (await tokenOf('acme')).split('.');
    const forged = [
      `${head}.${encode(claims)}.${signature}`,
      `${head}.${payload}.${signature}`,
      `${encode({ alg: 'none' })}.${encode(claims)}.`,
      `${encode({ alg: 'HS256' })}.${encode(claims)}.${signature}`,
      undefined,
    ];
    for (const bearer of forged) expect((await probe(route, bearer)).status).toBe(401);
  });

  test('what the other does is not counted as acme’s', async () => {
    const used = async () => {
      const { limits } = (await (await send('GET', '/v1/quota', KEYS.acme)).json()) as { limits: { used: number }[] };
      return limits.map(({ used: one }) => one);
    };
    const before = await used();
    expect(before[0]).toBeGreaterThan(0);
    await (await probe(route, KEYS.globex)).text();
    expect(await used()).toEqual(before);
  });
});

test("an answer that acme had is not another's", async () => {
  const ask = async () => (await send('POST', '/chat', KEYS.globex, say(CACHED))).headers.get('x-parley-cache');
  expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
});

test('fields that would name another tenant are refused', async () => {
  for (const path of ['/chat', '/v1/chat']) {
    expect((await send('POST', path, KEYS.globex, { tenant: 'acme', ...say('x') })).status).toBe(400);
  }
  expect((await send('POST', '/v1/tokens', KEYS.globex, { tenant: 'acme' })).status).toBe(400);
});
