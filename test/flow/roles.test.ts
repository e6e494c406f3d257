import { openStore, tables } from '@parley/core/store';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createWorld, readMessages, startHub, type TestHub, until, type World } from '../support/index.ts';
import { answered, botSaid, createThinker, PLATFORM_NAMES } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { runCommand } from './helpers/command.ts';
import { metric } from './helpers/metrics.ts';
import { type SharedServices, startSharedServices } from './helpers/shared-services.ts';

/** The hub as operators of more than one machine run it: two gateways and two workers over one Redis and Postgres. */
const cleanup = createCleanup();
const thinker = createThinker();
let world: World;
let shared: SharedServices;
let gateways: TestHub[];
let workers: TestHub[];

// Processes are started and killed here; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply } }));
  shared = cleanup.add(await startSharedServices());
});
afterAll(() => cleanup.run());
afterEach(() => thinker.speak());

async function startRole(role: 'gateway' | 'worker', env: Record<string, string> = {}): Promise<TestHub> {
  const hub = await startHub({
    role,
    config: world.config(),
    env: { ...shared.env, HOST: '127.0.0.1', PARLEY_WORKER_CONCURRENCY: String(CONCURRENCY), ...env },
  });
  cleanup.add({ stop: () => hub.kill().then(hub.stop) });
  return hub;
}

/** Fewer than there are chats, so that no worker can take them all. */
const CONCURRENCY = 8;
/** Chats on every platform, some of which each worker comes to answer. */
const CHATS_EACH = 4;
const places = (label: string) =>
  PLATFORM_NAMES.flatMap((name) => Array.from({ length: CHATS_EACH }, (_, i) => ({ name, chat: `${label}-${i}` })));

/** Puts the same question in every chat; the word makes the model wait until it is told to speak. */
async function askEverywhere(label: string, text: string): Promise<void> {
  for (const { name, chat } of places(label)) await world[name].say({ chat, text });
}

async function areAtWork(hubs: TestHub[]): Promise<void> {
  await until('every worker at work', async () => {
    const active = await Promise.all(hubs.map(({ url }) => metric(url, 'parley_active_turns')));
    const all = active.reduce((sum, turns) => sum + turns, 0);
    return active.every((turns) => turns > 0) && all === CHATS_EACH * PLATFORM_NAMES.length;
  });
}

/** Every chat of `label` has exactly these answers, in this order. */
async function expectAnswers(label: string, questions: string[]): Promise<void> {
  const last = questions.at(-1) ?? '';
  await Promise.all(places(label).map(({ name, chat }) => answered(world[name], chat, `"${last}"`, 60_000)));
  for (const { name, chat } of places(label)) {
    const said = botSaid(world[name], chat).map((text) => /"(.*)"/.exec(text)?.[1]);
    expect(said, `${name} ${chat}`).toEqual(questions);
  }
}

describe('before anything runs', () => {
  test.each(['gateway', 'worker'])('%s names what it needs, and refuses a database never migrated', async (role) => {
    const { REDIS_URL, DATABASE_URL } = shared.env;
    // Both roles read their settings in one place: each is tried with another part missing.
    const incomplete = role === 'gateway' ? {} : { REDIS_URL, DATABASE_URL };
    const runs = await Promise.all([incomplete, shared.env].map((env) => runCommand([role], shared.folder, env)));
    expect(runs.map(({ code }) => code)).toEqual([1, 1]);
    const [unset, unmigrated] = runs.map(({ stderr }) => stderr);
    expect(unset).toMatch(role === 'gateway' ? /REDIS_URL.*\n.*DATABASE_URL/ : /PARLEY_MASTER_KEY/);
    expect(unmigrated).toMatch(/schema is at version 0.*run parley migrate/);
    // An operator's mistake is a sentence, not a stack.
    expect(runs.map(({ stderr }) => stderr).join()).not.toMatch(/\n\s+at /);
  });

  test('migrate may be run by several machines at once, and again', async () => {
    const runs = await Promise.all([1, 2].map(() => runCommand(['migrate'], shared.folder, shared.env)));
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect((await runCommand(['migrate'], shared.folder, shared.env)).stdout).toMatch(/^schema version [1-9]/);
  });
});

describe('two gateways, two workers', () => {
  beforeAll(async () => {
    [gateways, workers] = await Promise.all([
      Promise.all([startRole('gateway'), startRole('gateway')]),
      Promise.all([startRole('worker'), startRole('worker')]),
    ]);
  });

  test('a conversation goes on whichever gateway an event comes through', async () => {
    for (const [i, gateway] of gateways.entries()) {
      world.connect(gateway.url);
      for (const name of PLATFORM_NAMES) {
        await world[name].say({ chat: 'both', text: `question ${i}` });
        await answered(world[name], 'both', `"question ${i}" after ${2 * i} earlier`);
      }
    }
    for (const name of PLATFORM_NAMES) {
      for (const gateway of gateways) {
        const labels = { platform: name, outcome: 'accepted' };
        expect(await metric(gateway.url, 'parley_events_total', labels)).toBe(1);
      }
    }
  });

  test('kill -9 of a worker in mid-answer: the other takes over, all is answered once and in order', async () => {
    thinker.think();
    await askEverywhere('killed', 'ponder first');
    await areAtWork(workers);
    await askEverywhere('killed', 'then second');
    await workers[0]?.kill();
    thinker.speak();
    await expectAnswers('killed', ['ponder first', 'then second']);
  });

  test('SIGTERM to a worker in mid-answer: it finishes, exits 0, and nothing is lost', async () => {
    workers[0] = await startRole('worker');
    thinker.think();
    await askEverywhere('drained', 'ponder first');
    await areAtWork(workers);
    await askEverywhere('drained', 'then second');
    const ended = workers[0].terminate();
    await until('draining', () => workers[0]?.logs.some(({ msg }) => msg === 'draining'));
    thinker.speak();
    expect(await ended).toBe(0);
    await expectAnswers('drained', ['ponder first', 'then second']);
    expect(workers[0].logs.some(({ msg }) => msg === 'turn finished')).toBe(true);
  });

  test('SIGTERM with a model slower than PARLEY_DRAIN_SECONDS: handed back, another worker finishes', async () => {
    workers[0] = await startRole('worker', { PARLEY_DRAIN_SECONDS: '1' });
    thinker.think();
    await askEverywhere('handed', 'ponder first');
    await areAtWork(workers);
    const asked = world.openai.requests.length;
    expect(await workers[0].terminate()).toBe(0);
    expect(workers[0].logs.filter(({ msg }) => msg === 'turn finished')).toEqual([]);
    // The other worker has asked anew before anybody was answered.
    await until('asked anew', () => world.openai.requests.length > asked);
    thinker.speak();
    await expectAnswers('handed', ['ponder first']);
  });

  test('a second SIGTERM exits at once, and what was in hand is answered by another', async () => {
    const impatient = await startRole('worker');
    workers[0] = impatient;
    thinker.think();
    await askEverywhere('impatient', 'ponder first');
    await areAtWork(workers);
    const ended = impatient.terminate();
    const draining = await until('draining', () => impatient.logs.find(({ msg }) => msg === 'draining'));
    // Signals within half a second count as one.
    await until('half a second later', () => Date.now() - Date.parse(String(draining.time)) > 600);
    impatient.process.kill('SIGTERM');
    expect(await ended).toBe(1);
    thinker.speak();
    await expectAnswers('impatient', ['ponder first']);
  });

  test('SIGTERM to a gateway: exit 0, and the other one goes on', async () => {
    world.connect(gateways[0]?.url ?? '');
    expect(await gateways[1]?.terminate()).toBe(0);
    await world.slack.say({ chat: 'after', text: 'still there?' });
    await answered(world.slack, 'after', 'still there?');
  });

  test('every turn is in Postgres, once, with what was said', async () => {
    const chats = CHATS_EACH * PLATFORM_NAMES.length;
    const expected = 2 * PLATFORM_NAMES.length + 6 * chats + 1;
    const store = await openStore({ databaseUrl: shared.env.DATABASE_URL });
    try {
      const turns = () => store.db.select().from(tables.turns);
      await until('the archive', async () => (await turns()).length >= expected);
      const rows = await turns();
      expect(rows).toHaveLength(expected);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(expected);
      expect(new Set(rows.map(({ tenant, status }) => `${tenant} ${status}`))).toEqual(new Set(['acme success']));
      const messages = await readMessages(store, shared.env.PARLEY_MASTER_KEY);
      expect(messages.filter(({ stored }) => stored.includes('ponder'))).toEqual([]);
      expect(messages).toHaveLength(2 * expected);
      expect(messages.filter(({ content }) => content === 'ponder first')).toHaveLength(4 * chats);
      const turn = rows.find(({ kind }) => kind === 'model')?.id ?? '';
      const told = await runCommand(['why', turn], shared.folder, shared.env);
      expect(told).toMatchObject({ code: 0, stderr: '' });
      for (const step of ['received', 'quota', 'decided', 'model_attempt', 'delivered'])
        expect(told.stdout).toContain(step);
      expect(await runCommand(['why', 'no-such-turn'], shared.folder, shared.env)).toMatchObject({ code: 1 });
      expect(await runCommand(['audit', 'verify'], shared.folder, shared.env)).toMatchObject({ code: 0 });
      const ledger = () => store.db.select().from(tables.ledger);
      await until('the ledger', async () => (await ledger()).length >= 1);
      expect(new Set((await ledger()).map(({ requestId }) => requestId)).size).toBe((await ledger()).length);
    } finally {
      await store.close();
    }
  });
});
