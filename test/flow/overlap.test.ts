import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { answered, botSaid, createThinker, PLATFORM_NAMES } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { runCommand } from './helpers/command.ts';
import { metric } from './helpers/metrics.ts';

/** Questions that come while one is answered, `/stop`, and answers that cannot be delivered. */
const cleanup = createCleanup();
const thinker = createThinker();
/** Not streamed, so that what was written when an answer is stopped does not depend on the moment. */
const POLICIES = { slack: 'merge', telegram: 'interrupt', feishu: 'queue' };
let world: World;
let hub: TestHub;

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply } }));
  const config = world.config({ tenant: { session: { turns: 0 } } });
  const channels = config.channels.map((channel) => ({
    ...channel,
    overlap: POLICIES[channel.platform as keyof typeof POLICIES],
  }));
  hub = cleanup.add(await startHub({ config: { ...config, channels } }));
  world.connect(hub.url);
});
afterAll(() => cleanup.run());
afterEach(() => thinker.speak());

const accepted = (platform: string) => metric(hub.url, 'parley_events_total', { platform, outcome: 'accepted' });
/** Not by the depth that the metrics tell: that is read now and then. */
const turnsFinished = () => hub.logs.filter(({ msg }) => msg === 'turn finished').length;

async function say(name: (typeof PLATFORM_NAMES)[number], chat: string, text: string): Promise<void> {
  const before = await accepted(name);
  await world[name].say({ chat, text });
  await until('the message is taken', async () => (await accepted(name)) > before);
}

async function stop(name: (typeof PLATFORM_NAMES)[number], chat: string): Promise<void> {
  if (name === 'slack') await world.slack.slash({ chat, command: '/ai', text: 'stop' });
  else await world[name].say({ chat, text: '/stop' });
}

describe.each(PLATFORM_NAMES)('/stop on %s', (name) => {
  test('ends the answer that is being written, and only says something when there is none', async () => {
    thinker.think();
    const chat = `${name}-stop`;
    const asked = world.openai.requests.length;
    const before = turnsFinished();
    await say(name, chat, 'ponder this');
    await until('the model is asked', () => world.openai.requests.length > asked);
    await stop(name, chat);
    await answered(world[name], chat, '(stopped)');
    expect(botSaid(world[name], chat)).toHaveLength(1);
    await until('an end', () => turnsFinished() > before);
    await stop(name, chat);
    await answered(world[name], chat, 'nothing to stop');
    expect(botSaid(world[name], chat)).toHaveLength(2);
  });
});

test('merge: what was asked meanwhile is answered together', async () => {
  thinker.think();
  await say('slack', 'merged', 'ponder the first');
  await say('slack', 'merged', 'and the second');
  await say('slack', 'merged', 'and the third');
  thinker.speak();
  await answered(world.slack, 'merged', 'and the third');
  expect(botSaid(world.slack, 'merged')).toHaveLength(2);
  expect(botSaid(world.slack, 'merged')[1]).toMatch(/and the second\s+and the third/);
});

test('interrupt: a newer question ends the answer to the one before', async () => {
  thinker.think();
  const asked = world.openai.requests.length;
  await say('telegram', 'interrupted', 'ponder the first');
  await until('the model is asked', () => world.openai.requests.length > asked);
  await say('telegram', 'interrupted', 'rather this');
  await answered(world.telegram, 'interrupted', 'rather this');
  const said = botSaid(world.telegram, 'interrupted');
  expect(said).toHaveLength(2);
  expect(said[0]).toContain('(stopped)');
});

test('an answer that the platform refuses for good is a dead letter, and replayed it arrives, once', async () => {
  const chat = 'undeliverable';
  const asked = world.openai.requests.length;
  const stopFault = world.feishu.misbehave({
    method: /^(im\.|cardkit\.)/,
    action: { kind: 'error', error: '230002' },
  });
  await say('feishu', chat, 'can you hear me');
  const finished = await until('the end of the turn', () =>
    hub.logs.find(({ msg, error_code }) => msg === 'turn finished' && error_code === 'platform_rejected'),
  );
  const turn = String(finished.request_id);
  stopFault();
  expect(botSaid(world.feishu, chat)).toEqual([]);

  const { stdout } = await deadLetters('show', turn, '--tenant', 'acme');
  expect(JSON.parse(stdout)).toMatchObject({ turn, channel: 'feishu', questions: [{ text: 'can you hear me' }] });
  const refused = turnsFinished();
  const replays = await Promise.all([1, 2].map(() => deadLetters('replay', turn)));
  expect(replays.map(({ code }) => code).toSorted()).toEqual([0, 1]);
  await answered(world.feishu, chat, 'can you hear me');
  await until('an end', () => turnsFinished() > refused);
  expect(botSaid(world.feishu, chat)).toHaveLength(1);
  expect(world.openai.requests.length).toBe(asked + 1);
  expect((await deadLetters('list')).stdout).toContain('no dead letters');
}, 60_000);

const deadLetters = (...args: string[]) =>
  runCommand(['dead-letters', ...args], hub.dataDir, { PARLEY_DATA_DIR: hub.dataDir });
