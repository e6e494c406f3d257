import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createWorld, startHub, type TestHub, type TestRedis, until, type World } from '../support/index.ts';
import { capture, send } from './helpers/capture.ts';
import { answered, botSaid, createThinker, PLATFORM_NAMES } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { metric } from './helpers/metrics.ts';
import { startTcpRedis } from './helpers/tcp-redis.ts';

/** More than the hub can take, and Redis away: it says so, and loses nothing that it has accepted. */
const cleanup = createCleanup();
const thinker = createThinker();
let world: World;
let redis: TestRedis;
let hub: TestHub;

/** Far above what is waiting by chance: the view of it may be a moment old. */
const MAX_BACKLOG = 40;
const MAX_MAILBOX = 3;

// Processes are started and killed here; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  // Slow enough that no platform gives an event up before the test has seen the refusals.
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply }, speedup: 5 }));
  redis = cleanup.add(await startTcpRedis());
  const env = {
    REDIS_URL: redis.url,
    PARLEY_MAX_BACKLOG: String(MAX_BACKLOG),
    PARLEY_MAX_MAILBOX: String(MAX_MAILBOX),
  };
  hub = cleanup.add(await startHub({ config: world.config(), env }));
  world.connect(hub.url);
});
afterAll(() => cleanup.run());
afterEach(() => thinker.speak());

const urlOf = (platform: string) => `${hub.url}/webhooks/${platform}/${platform}`;
const ready = async () => {
  const response = await fetch(`${hub.url}/ready`);
  return { status: response.status, body: (await response.json()) as { failing: string[] } };
};
const health = async () => (await fetch(`${hub.url}/health`)).status;
const isEmpty = () => until('an empty backlog', async () => (await metric(hub.url, 'parley_queue_depth')) === 0);

describe.each(PLATFORM_NAMES)('on %s', (name) => {
  const platform = () => world[name];

  test('a full mailbox is told once, politely, and other chats do not notice', async () => {
    thinker.think();
    const chat = `${name}-flood`;
    const deliver = async (text: string) => {
      const before = platform().deliveries.length;
      await platform().say({ chat, text });
      await until('the delivery', () =>
        platform()
          .deliveries.slice(before)
          .some(({ status }) => status === 200),
      );
    };
    for (let i = 0; i < MAX_MAILBOX + 3; i++) await deliver(`ponder ${i}`);
    await answered(platform(), chat, 'Too many messages are waiting');
    await platform().say({ chat: `${name}-quiet`, text: 'me too' });
    await answered(platform(), `${name}-quiet`, 'me too');

    thinker.speak();
    await answered(platform(), chat, `ponder ${MAX_MAILBOX - 1}`);
    await isEmpty();
    const said = botSaid(platform(), chat).filter((text) => !text.includes('Too many'));
    expect(said.map((text) => /ponder (\d)/.exec(text)?.[1])).toEqual(['0', '1', '2']);
    expect(botSaid(platform(), chat)).toHaveLength(MAX_MAILBOX + 1);
    const labels = { platform: name, outcome: 'flooded' };
    expect(await metric(hub.url, 'parley_events_total', labels)).toBe(3);
  });

  test('a backlog over its bound is a 503 with Retry-After, and everybody is answered in the end, once', async () => {
    thinker.think();
    const late = await capture(platform(), { chat: `${name}-late`, text: 'am I late' });
    world.connect(hub.url);
    const refusedBefore = await metric(hub.url, 'parley_events_total', { platform: name, outcome: 'refused_backlog' });
    const before = platform().deliveries.length;
    const chats = Array.from({ length: MAX_BACKLOG + 3 }, (_, i) => `${name}-many-${i}`);
    for (const [index, chat] of chats.entries()) {
      await platform().say({ chat, text: `ponder in ${chat}` });
      // Those on their way may be counted twice, and refused early: one at a time the bound is exact.
      const isTaken = ({ status }: { status: number }) => status === 200;
      const taken = () => platform().deliveries.slice(before).filter(isTaken).length;
      if (index < MAX_BACKLOG) await until('the delivery', () => taken() > index);
    }
    await until('a refusal', () => platform().deliveries.some(({ status }) => status === 503));

    const response = await send(urlOf(name), late);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } });
    expect(
      await metric(hub.url, 'parley_events_total', { platform: name, outcome: 'refused_backlog' }),
    ).toBeGreaterThan(refusedBefore);
    expect(await health()).toBe(200);

    thinker.speak();
    await until('the hub to take messages again', async () => (await send(urlOf(name), late)).status === 200);
    // What was refused comes again, sooner than the ladder says.
    await isEmpty();
    const isAnswered = (chat: string) => botSaid(platform(), chat).some((text) => text.includes(`ponder in ${chat}`));
    platform().redeliverNow();
    // Finished turns that the database has not taken yet count too, for a moment.
    await until('all answers', () => chats.every(isAnswered), 5_000).catch(() => platform().redeliverNow());
    await Promise.all(chats.map((chat) => answered(platform(), chat, `ponder in ${chat}`)));
    await isEmpty();
    await answered(platform(), `${name}-late`, 'am I late');
    for (const chat of [...chats, `${name}-late`]) expect(botSaid(platform(), chat)).toHaveLength(1);
  });
});

describe.each(['killed', 'paused'] as const)('Redis %s', (how) => {
  test('webhooks are a 503 with Retry-After, /ready names redis, and what was asked is answered later, once', async () => {
    const chat = `redis-${how}`;
    const calls = await Promise.all(
      PLATFORM_NAMES.map(async (name) => ({
        name,
        call: await capture(world[name], { chat, text: `during the outage (${how})` }),
      })),
    );
    if (how === 'killed') await redis.kill();
    else redis.pause();
    try {
      const responses = await Promise.all(calls.map(({ name, call }) => send(urlOf(name), call)));
      for (const response of responses) {
        expect(response.status).toBe(503);
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      // The platforms themselves: a 503 in time, not a request that hangs until they give up (status 0).
      const began = PLATFORM_NAMES.map((name) => world[name].deliveries.length);
      world.connect(hub.url);
      for (const name of PLATFORM_NAMES) await world[name].say({ chat, text: `asked again (${how})` });
      for (const [i, name] of PLATFORM_NAMES.entries()) {
        const first = await until('the delivery', () => world[name].deliveries[began[i] ?? 0]);
        expect(first.status).toBe(503);
      }
      expect(await ready()).toMatchObject({ status: 503, body: { failing: ['redis'] } });
      expect(await health()).toBe(200);
    } finally {
      if (how === 'killed') await redis.restart();
      else redis.resume();
    }
    await until('readiness', async () => (await ready()).status === 200);
    for (const name of PLATFORM_NAMES) {
      world[name].redeliverNow();
      await answered(world[name], chat, `asked again (${how})`);
    }
    for (const { name, call } of calls) {
      expect((await send(urlOf(name), call)).status).toBe(200);
      await answered(world[name], chat, `during the outage (${how})`);
    }
    await isEmpty();
    for (const name of PLATFORM_NAMES) expect(botSaid(world[name], chat)).toHaveLength(2);
  });
});

test('an answer in the making survives a crash of Redis', async () => {
  thinker.think();
  const asked = world.openai.requests.length;
  for (const name of PLATFORM_NAMES) await world[name].say({ chat: 'crash', text: 'ponder a crash' });
  await until('three questions at the model', () => world.openai.requests.length === asked + 3);
  await redis.kill();
  thinker.speak();
  await redis.restart();
  for (const name of PLATFORM_NAMES) await answered(world[name], 'crash', 'ponder a crash', 60_000);
  await isEmpty();
  for (const name of PLATFORM_NAMES) expect(botSaid(world[name], 'crash')).toHaveLength(1);
});
