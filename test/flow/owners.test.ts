import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { answered, botSaid, createThinker, PLATFORM_NAMES } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { runCommand } from './helpers/command.ts';
import { metric } from './helpers/metrics.ts';
import { type SharedServices, startSharedServices } from './helpers/shared-services.ts';

/** Bots without a webhook: of two gateways exactly one holds each long connection, and the other takes over. */
const cleanup = createCleanup();
const thinker = createThinker();
const TRANSPORTS = { slack: 'socket', telegram: 'polling', feishu: 'socket' };
let world: World;
let shared: SharedServices;
let gateways: TestHub[];

// Processes are started and killed here; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply } }));
  shared = cleanup.add(await startSharedServices());
  expect((await runCommand(['migrate'], shared.folder, shared.env)).code).toBe(0);
  gateways = await Promise.all([startRole('gateway'), startRole('gateway')]);
  await startRole('worker');
});
afterAll(() => cleanup.run());

async function startRole(role: 'gateway' | 'worker'): Promise<TestHub> {
  const base = world.config();
  const channels = base.channels.map((channel) => ({
    ...channel,
    transport: TRANSPORTS[channel.platform as keyof typeof TRANSPORTS],
  }));
  const hub = await startHub({ role, config: { ...base, channels }, env: { ...shared.env, HOST: '127.0.0.1' } });
  return cleanup.add(hub);
}

/** Which of the running gateways hold a channel's connection. */
async function ownersOf(channel: string): Promise<TestHub[]> {
  const owned = await Promise.all(gateways.map(({ url }) => metric(url, 'parley_connection_owned', { channel })));
  return gateways.filter((_, i) => owned[i] === 1);
}

async function allOwned(): Promise<void> {
  for (const name of PLATFORM_NAMES) await until(`an owner of ${name}`, async () => (await ownersOf(name)).length > 0);
  await until('Slack’s socket', () => world.slack.socketCount() > 0);
  await until('Feishu’s socket', () => world.feishu.socketCount() > 0);
}

async function expectOneOwnerEach(): Promise<void> {
  for (const name of PLATFORM_NAMES) expect(await ownersOf(name), `owners of ${name}`).toHaveLength(1);
  expect(world.slack.socketCount()).toBe(1);
  expect(world.feishu.socketCount()).toBe(1);
}

test('exactly one gateway owns each connection, and questions are answered once', async () => {
  await allOwned();
  await expectOneOwnerEach();
  for (const name of PLATFORM_NAMES) {
    for (const i of [1, 2, 3]) {
      await world[name].say({ chat: 'plain', text: `question ${i}` });
      await answered(world[name], 'plain', `"question ${i}"`);
    }
    expect(botSaid(world[name], 'plain')).toHaveLength(3);
    const accepted = await Promise.all(
      gateways.map(({ url }) => metric(url, 'parley_events_total', { platform: name, outcome: 'accepted' })),
    );
    expect(accepted.toSorted()).toEqual([0, 3]);
  }
});

test('a connection that breaks is opened again, by one gateway', async () => {
  world.slack.disconnectSockets();
  world.feishu.dropSockets();
  for (const name of PLATFORM_NAMES) await world[name].say({ chat: 'broken', text: 'asked into the gap' });
  for (const name of PLATFORM_NAMES) await answered(world[name], 'broken', 'asked into the gap');
  await allOwned();
  await expectOneOwnerEach();
  for (const name of PLATFORM_NAMES) expect(botSaid(world[name], 'broken')).toHaveLength(1);
});

test('kill -9 of the owner in mid-traffic: the other takes over, nothing is lost, nothing is answered twice', async () => {
  const [owner] = await ownersOf('telegram');
  const chats = Array.from({ length: 5 }, (_, i) => `killed-${i}`);
  const sayAll = async (text: string) => {
    for (const name of PLATFORM_NAMES) for (const chat of chats) await world[name].say({ chat, text });
  };
  await sayAll('before');
  await owner?.kill();
  gateways = gateways.filter((gateway) => gateway !== owner);
  await sayAll('after');

  for (const name of PLATFORM_NAMES) for (const chat of chats) await answered(world[name], chat, '"after"', 60_000);
  await allOwned();
  await expectOneOwnerEach();
  // Slack and Feishu promise no order between two deliveries under way; what counts is that each came through once.
  for (const name of PLATFORM_NAMES) {
    for (const chat of chats) {
      await answered(world[name], chat, '"before"', 60_000);
      const said = botSaid(world[name], chat).map((text) => /"(.*)"/.exec(text)?.[1]);
      expect(said.toSorted(), `${name} ${chat}`).toEqual(['after', 'before']);
    }
  }
});

test('SIGTERM hands the connections over to another gateway', async () => {
  const [last] = gateways;
  const next = await startRole('gateway');
  gateways.push(next);
  await allOwned();
  const ended = last?.terminate();
  expect(await ended).toBe(0);
  gateways = [next];
  for (const name of PLATFORM_NAMES) await world[name].say({ chat: 'handed over', text: 'who is there' });
  for (const name of PLATFORM_NAMES) {
    await answered(world[name], 'handed over', 'who is there');
    expect(botSaid(world[name], 'handed over')).toHaveLength(1);
  }
  await expectOneOwnerEach();
});
