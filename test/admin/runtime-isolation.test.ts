import type { AdminRoute } from '@parley/gateway';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, until, type World } from '../support/index.ts';
import { startRunningHub } from './helpers/running-hub.ts';

/** Every endpoint about the running hub, walked by people who may not see what is there. */
let world: World;
let hub: Awaited<ReturnType<typeof startRunningHub>>;

const OWNER = 'owner@acme';
const STRANGER = 'owner@globex';
/** What would give acme away. */
let secrets: string[] = [];
let known: { turn: string; letter: string; conversation: string; key: string };

beforeAll(async () => {
  world = await createWorld({ model: { reply: () => 'the answer of acme' } });
  const config = world.config({ channel: { streaming: false } });
  hub = await startRunningHub({ ...config, tenants: [...config.tenants, { id: 'globex', models: ['sim'] }] });
  world.connect(hub.gatewayUrl);
  await world.slack.say({ chat: 'quiet', text: 'the question of acme' });
  const turn = await until('a turn', async () => (await list<{ id: string; conversation: string }>('/turns'))[0]);
  world.slack.misbehave({ method: 'chat.postMessage', action: { kind: 'error', error: 'is_archived' } });
  await world.slack.say({ chat: 'broken', text: 'the lost question of acme' });
  const letter = await until('a dead letter', async () => (await list<{ id: string }>('/dead-letters'))[0]);
  await until('its turn', async () => (await list('/turns')).length === 2);
  const made = await hub.call<{ id: string }>(OWNER, 'POST', '/api-keys', { tenant: 'acme', name: 'Acme site' });
  await hub.call(OWNER, 'POST', `/conversations/acme/${turn.conversation}/takeover`);
  known = { turn: turn.id, letter: letter.id, conversation: turn.conversation, key: made.body.id };
  secrets = ['acme', ...Object.values(known)];
});
afterAll(async () => {
  await hub?.stop();
  await world?.close();
});

const list = async <T>(path: string) => (await hub.call<{ items: T[] }>(OWNER, 'GET', path)).body.items;

/** The path with everything that acme has at its places. */
function pathOf({ path }: AdminRoute): string {
  const id = path.startsWith('/turns') ? known.turn : path.startsWith('/api-keys') ? known.key : known.letter;
  return path.replace(':tenant', 'acme').replace(':conversation', known.conversation).replace(':id', id);
}

const bodyOf = ({ path }: AdminRoute): object | undefined =>
  ({
    '/api-keys': { tenant: 'acme', name: 'Mine now' },
    '/audit/verify': { tenant: 'acme' },
    '/audit/erase-user': { tenant: 'acme', user: 'u_1' },
    '/playground': { tenant: 'acme', messages: [{ role: 'user', content: 'hello' }] },
  })[path] ?? (path.endsWith('/messages') ? { text: 'I am in' } : undefined);

/** The stream of events is tested by what it tells (runtime.test.ts). */
const walked = () => hub.routes.filter(({ path }) => path !== '/events');

test('nobody gets in without saying who they are', async () => {
  for (const route of hub.routes) {
    const response = await fetch(`${hub.adminUrl}${pathOf(route)}`, { method: route.method });
    expect([route.path, response.status]).toEqual([route.path, 401]);
  }
});

test('whoever is of another tenant learns and changes nothing, whatever they name', async () => {
  const before = await snapshot();
  expect(walked().length).toBeGreaterThan(20);
  for (const route of walked()) {
    const body = route.method === 'GET' ? undefined : bodyOf(route);
    for (const query of ['?tenant=acme', '?tenant=acme&q=acme', '']) {
      const { status, body: told } = await hub.call<unknown>(STRANGER, route.method, pathOf(route) + query, body);
      const said = JSON.stringify(told);
      // The refusal may repeat no more than the path that was asked for; a list is one's own.
      if (status === 200) for (const secret of secrets) expect([route.path, said]).not.toContain(secret);
      expect([route.path, query, said.includes('of acme')]).toEqual([route.path, query, false]);
      const mayAnswer = query === '' && !route.path.includes(':') && body === undefined;
      expect([route.path, query, status]).toEqual([
        route.path,
        query,
        mayAnswer ? expect.toBeOneOf([200, 400, 403]) : expect.toBeOneOf([400, 403, 404]),
      ]);
    }
  }
  expect(await snapshot()).toEqual(before);
});

test('lists show a stranger their own and nothing of others', async () => {
  for (const path of ['/turns', '/conversations', '/dead-letters', '/api-keys', '/audit']) {
    const { status, body } = await hub.call<{ items: { tenant: string }[] }>(STRANGER, 'GET', path);
    expect([path, status, body.items.filter(({ tenant }) => tenant !== 'globex')]).toEqual([path, 200, []]);
  }
  for (const path of ['/overview', '/usage?group_by=tenant']) {
    const { status, body } = await hub.call<unknown>(STRANGER, 'GET', path);
    expect([path, status]).toEqual([path, 200]);
    expect(JSON.stringify(body)).not.toContain('acme');
  }
});

test('a viewer changes nothing', async () => {
  const before = await snapshot();
  for (const route of walked().filter(({ method }) => method !== 'GET')) {
    const { status } = await hub.call('viewer@acme', route.method, pathOf(route), bodyOf(route));
    expect([route.method, route.path, status]).toEqual([route.method, route.path, 403]);
  }
  expect(await snapshot()).toEqual(before);
});

/** What acme has, as its owner sees it. */
async function snapshot(): Promise<unknown> {
  const conversation = `/conversations/acme/${known.conversation}`;
  return Promise.all([
    list('/turns'),
    list('/dead-letters'),
    list<{ revoked_at: string | null }>('/api-keys'),
    hub.call(OWNER, 'GET', conversation).then(({ body }) => body),
    list(`${conversation}/messages`),
  ]);
}
