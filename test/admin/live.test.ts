import { EventEmitter } from 'node:events';
import { rolePolicies } from '@parley/core/access';
import { ParleyError } from '@parley/core/errors';
import { createLogger } from '@parley/core/telemetry';
import {
  type Actor,
  closeServer,
  createLiveEvents,
  createServer,
  type RuntimeDeps,
  registerAdminApi,
  runtimeRoutes,
} from '@parley/gateway';
import { afterEach, expect, test, vi } from 'vitest';
import { until } from '../support/index.ts';
import { readEvents } from './helpers/running-hub.ts';

/** The stream of events by itself: what Redis says is fed in by hand. */
// A hundred and fifty megabytes go through a socket, twice.
vi.setConfig({ testTimeout: 120_000 });
const running: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(running.splice(0).map((stop) => stop())));

function fakeSubscriber() {
  const subscribed = new Set<string>();
  return Object.assign(new EventEmitter(), {
    subscribed,
    async subscribe(...channels: string[]) {
      for (const channel of channels) subscribed.add(channel);
    },
    async unsubscribe(...channels: string[]) {
      for (const channel of channels) subscribed.delete(channel);
    },
    disconnect: () => {},
  });
}

const redis = { defineCommand() {} };
const turn = (id: string, over: object = {}) =>
  JSON.stringify({
    ...{ turn: id, tenant: 'acme', platform: 'slack', channel: 'bot', conversation: 'c', status: 'success' },
    ...{ kind: 'model', timestamp: 1, ...over },
  });

/** Who is signed in; one test signs them out, one takes their role away. */
async function setUp({
  authenticate,
  ...over
}: Partial<Parameters<typeof createLiveEvents>[0]> & { authenticate?: (actor: Actor) => Actor } = {}) {
  const subscriber = fakeSubscriber();
  const live = createLiveEvents({ subscriber: subscriber as never, ...over });
  const config = { tenants: [{ id: 'acme' }], channels: [{ id: 'bot', tenant: 'acme' }] };
  const deps = {
    redis,
    live,
    config: () => config,
    store: { db: {} },
    about: {},
    renewMs: 20,
  } as unknown as RuntimeDeps;
  const actor: Actor = {
    ...{ id: 'u1', username: 'vera', name: 'Vera', via: 'session' },
    principals: ['role:viewer@acme'],
    policies: rolePolicies('viewer', 'acme'),
  };
  const server = createServer(createLogger('silent'));
  registerAdminApi(server, {
    routes: runtimeRoutes(deps).filter(({ path }) => path === '/events'),
    version: '0',
    authenticate: async () => authenticate?.(actor) ?? actor,
    idempotency: {} as never,
    tenants: () => ['acme'],
    audit: async () => {},
    logger: createLogger('silent'),
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  running.push(async () => {
    live.close();
    await closeServer(server, 100);
  });
  const watch = () => fetch(`${server.listeningOrigin}/api/admin/events`);
  const say = (channel: string, text: string) => subscriber.emit('message', channel, text);
  return { live, subscriber, watch, say };
}

test('Redis is listened to only while somebody watches', async () => {
  const { subscriber, watch } = await setUp();
  expect(subscriber.subscribed.size).toBe(0);
  const [first, second] = [await watch(), await watch()];
  expect([...subscriber.subscribed]).toEqual(['parley:events', 'parley:turns']);
  await first.body?.cancel();
  expect(subscriber.subscribed.size).toBe(2);
  await second.body?.cancel();
  await until('nobody watches', () => subscriber.subscribed.size === 0);
});

test('whoever is signed out hears nothing more, and a role that was taken away counts at once', async () => {
  let [isSignedIn, policies] = [true, rolePolicies('viewer', 'acme')];
  let looks = 0;
  const { watch, say } = await setUp({
    authenticate(actor) {
      looks += 1;
      if (!isSignedIn) throw new ParleyError('unauthorized', 'signed out');
      return { ...actor, policies };
    },
  });
  const stream = await watch();
  policies = [];
  const seen = looks;
  // The second look began after the role was gone.
  await until('another look', () => looks > seen + 1);
  say('parley:turns', turn('hidden'));
  policies = rolePolicies('viewer', 'acme');
  const again = looks;
  await until('another look', () => looks > again + 1);
  say('parley:turns', turn('seen'));
  isSignedIn = false;
  // The stream ends by itself: the hub goes on.
  const text = await stream.text();
  expect(text).toContain('"seen"');
  expect(text).not.toContain('hidden');
  expect((await watch()).status).toBe(401);
});

test('what has another shape, or is of a channel that nobody knows, is passed over', async () => {
  const { watch, say } = await setUp();
  const response = await watch();
  const heard = readEvents(response, (events) => events.length === 2);
  const message = { platform: 'slack', channel: 'bot', conversation: 'c', kind: 'message', timestamp: 5 };
  for (const text of ['', 'null', '[]', '{"turn":7}', turn('t0', { tenant: 'globex' })]) say('parley:turns', text);
  for (const odd of ['nonsense', '{}', JSON.stringify({ ...message, channel: 'of another' })])
    say('parley:events', odd);
  say('parley:events', JSON.stringify({ ...message, text: 'never passed on' }));
  say('parley:turns', turn('t1'));
  expect(await heard).toEqual([
    { event: 'message', data: message },
    { event: 'turn', data: expect.objectContaining({ id: 't1', status: 'success' }) },
  ]);
});

test('whoever reads slowly misses the oldest and is told; the others miss nothing', async () => {
  const { watch, say } = await setUp();
  const [slow, quick] = [await watch(), await watch()];
  const seen: string[] = [];
  const reading = readEvents(quick, (events) => {
    seen.push(...events.splice(0).map(({ data }) => String(data.id)));
    return seen.at(-1) === 'last';
  });
  const padding = 'x'.repeat(512 * 1024);
  let said = 0;
  // More than sockets hold: what is not read has to wait in the process, or be dropped there.
  for (; said < 320; said++) {
    say('parley:turns', turn(`t${said}`, { conversation: padding }));
    await until('the quick one', () => seen.at(-1) === `t${said}`);
  }
  say('parley:turns', turn('last'));
  await reading;
  expect(seen).toHaveLength(said + 1);
  const late = await readEvents(slow, (events) => events.at(-1)?.data.id === 'last');
  const missed = late.filter(({ event }) => event === 'gap').map(({ data }) => Number(data.missed));
  const turns = late.filter(({ event }) => event === 'turn');
  expect(missed.length).toBeGreaterThan(0);
  expect(turns.length + missed.reduce((sum, number) => sum + number, 0)).toBe(said + 1);
});

test('one person watches in a bounded number of places', async () => {
  const { watch } = await setUp();
  const opened = await Promise.all(Array.from({ length: 20 }, watch));
  expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([200]));
  const refused = await watch();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('30');
  await opened[0]?.body?.cancel();
  await until('a place is free', async () => {
    const again = await watch();
    await again.body?.cancel();
    return again.status === 200;
  });
});

test('a change of a breaker is told; a server that closes ends the streams', async () => {
  const ways = [{ model: 'gpt', endpoint: 'eu', keyFingerprint: undefined, breaker: 'closed' as string }];
  const { live, watch } = await setUp({ health: () => ways as never, healthEveryMs: 10 });
  const response = await watch();
  ways[0] = { ...ways[0], breaker: 'open' } as (typeof ways)[0];
  const heard = readEvents(response, () => false);
  await new Promise<void>((resolve) => {
    const stop = live.listen(({ name, data }) => {
      if (name === 'health' && 'models' in data && data.models[0]?.breaker === 'open') {
        stop();
        resolve();
      }
    }, resolve);
  });
  live.close();
  const told = await heard;
  expect(told.filter(({ event }) => event === 'health').at(-1)?.data).toEqual({
    models: [{ model: 'gpt', endpoint: 'eu', breaker: 'open' }],
  });
});
