import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { capture, send } from './helpers/capture.ts';
import { answered, botSaid, createThinker, PLATFORM_NAMES } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';

/** The configuration file changes while the hub runs. */
const cleanup = createCleanup();
const thinker = createThinker();
let world: World;
let hub: TestHub;
let config: ReturnType<World['config']>;

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply } }));
  config = world.config();
  hub = cleanup.add(await startHub({ config }));
  world.connect(hub.url);
});
afterAll(() => cleanup.run());
afterEach(() => thinker.speak());

const logged = (text: string) => hub.logs.filter(({ msg }) => msg.includes(text));

/** Puts a new version in place and waits until it is in force. */
async function apply(next: typeof config, write: (text: string) => Promise<void> = hub.writeConfig): Promise<void> {
  const before = logged('the new configuration is in force').length;
  await write(JSON.stringify(next));
  await until('the new version', () => logged('the new configuration is in force').length > before);
  config = next;
}

async function refuse(text: string): Promise<string> {
  const before = logged('is refused').length;
  await hub.writeConfig(text);
  await until('the refusal', () => logged('is refused').length > before);
  return JSON.stringify(logged('is refused').at(-1));
}

const channelsBut = (id: string) => config.channels.filter((channel) => channel.id !== id);
const rule = (said: string, reply: string) => ({ tenant: 'acme', match: { exact: [said] }, reply });

test('a new rule takes effect without a restart', async () => {
  await apply({ ...config, rules: [rule('opening hours', 'From nine to five.')] });
  for (const name of PLATFORM_NAMES) {
    await world[name].say({ chat: 'rule', text: 'opening hours' });
    await answered(world[name], 'rule', 'From nine to five.');
  }
});

test('editors that replace the file are noticed too', async () => {
  await apply({ ...config, rules: [rule('opening hours', 'From eight to six.')] }, async (text) => {
    const draft = join(hub.dataDir, '.draft');
    await writeFile(draft, text);
    await rename(draft, join(hub.dataDir, 'test.yaml'));
  });
  await world.slack.say({ chat: 'replaced', text: 'opening hours' });
  await answered(world.slack, 'replaced', 'From eight to six.');
});

test('a bad version changes nothing and is logged with the path of every mistake', async () => {
  const bad = { ...config, rules: [{ ...rule('opening hours', ''), tenant: 'nobody' }], chanels: [] };
  const line = await refuse(JSON.stringify(bad));
  expect(line).toMatch(/rules\[0\]/);
  expect(line).toMatch(/chanels/);
  expect(await refuse('version: 1\n  tenants: [')).toMatch(/line|column|YAML/i);
  const unset = ['$', '{NO_SUCH_VARIABLE}'].join('');
  const unnamed = config.tenants.map((tenant) => ({ ...tenant, name: unset }));
  expect(await refuse(JSON.stringify({ ...config, tenants: unnamed }))).toMatch(/tenants\[0\]\.name.*NO_SUCH_VARIABLE/);
  for (const name of PLATFORM_NAMES) {
    await world[name].say({ chat: 'bad', text: 'opening hours' });
    await answered(world[name], 'bad', 'From eight to six.');
  }
  expect((await fetch(`${hub.url}/ready`)).status).toBe(200);
  await apply({ ...config, rules: [] });
});

test('a channel that is removed answers 404 like one that never was, and works again when it is back', async () => {
  const before = config;
  const url = `${hub.url}/webhooks/telegram/telegram`;
  const call = await capture(world.telegram, { chat: 'gone', text: 'are you gone' });
  await apply({ ...config, channels: channelsBut('telegram') });
  const gone = await send(url, call);
  const never = await send(`${hub.url}/webhooks/telegram/never-was`, call);
  expect([gone.status, await gone.text()]).toEqual([never.status, await never.text()]);
  expect(gone.status).toBe(404);
  await apply(before);
  expect((await send(url, call)).status).toBe(200);
  await answered(world.telegram, 'gone', 'are you gone');
});

test('changed credentials are in force at once: the old ones are refused', async () => {
  const before = config;
  const url = `${hub.url}/webhooks/telegram/telegram`;
  const call = await capture(world.telegram, { chat: 'secret', text: 'do you know me' });
  const credentials = { ...world.telegram.credentials, webhook_secret: 'another-secret' };
  const channels = config.channels.map((channel) =>
    channel.id === 'telegram' ? { ...channel, credentials } : channel,
  );
  await apply({ ...config, channels });
  expect((await send(url, call)).status).toBe(401);
  const renewed = { ...call.headers, 'x-telegram-bot-api-secret-token': 'another-secret' };
  expect((await send(url, { ...call, headers: renewed })).status).toBe(200);
  await answered(world.telegram, 'secret', 'do you know me');
  await apply(before);
});

test('answers in the making are not dropped, whatever becomes of their channel', async () => {
  const before = config;
  world.connect(hub.url);
  thinker.think();
  const asked = world.openai.requests.length;
  for (const name of PLATFORM_NAMES) await world[name].say({ chat: 'in flight', text: 'ponder the reload' });
  await until('all questions at the model', () => world.openai.requests.length === asked + PLATFORM_NAMES.length);
  // Slack's channel changes, Telegram's goes away, Feishu's stays, and the tenant's model gets another key.
  const slack = config.channels.map((channel) => ({ ...channel, triggers: { group: 'always' } }));
  await apply({
    ...config,
    channels: slack.filter(({ id }) => id !== 'telegram'),
    models: config.models.map((model) => ({ ...model, keys: ['sk-another'] })),
  });
  thinker.speak();
  for (const name of PLATFORM_NAMES) {
    await answered(world[name], 'in flight', 'answer to "ponder the reload"');
    expect(botSaid(world[name], 'in flight')).toHaveLength(1);
  }
  expect(world.openai.requests.length).toBe(asked + PLATFORM_NAMES.length);
  await apply(before);
});
