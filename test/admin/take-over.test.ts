import type { PlatformSimulator } from '@parley/simulators';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, signIn } from './helpers/console.ts';

/** An operator at the console of a real hub: takes a conversation over, gives it back, and asks a question again. */
const cleanup = createCleanup();
let world: World;
let hub: TestHub;
let admin: ConsoleUser;

beforeAll(async () => {
  const reply = ({ messages }: { messages: { content: string }[] }) => `model: ${messages.at(-1)?.content}`;
  world = cleanup.add(await createWorld({ model: { reply } }));
  const env = { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD, PARLEY_SANDBOX: 'off' };
  hub = cleanup.add(await startHub({ config: world.config(), env }));
  world.connect(hub.url);
  admin = await signIn(hub.url);
});
afterAll(() => cleanup.run());

const botSaid = (platform: PlatformSimulator, chat: string) =>
  platform
    .transcript(chat)
    .filter(({ author }) => author === 'bot')
    .map(({ text }) => text);

interface Turn {
  id: string;
  kind: string;
  conversation: string;
}
const turnsOn = async (platform: string): Promise<Turn[]> =>
  (await admin.get(`/turns?platform=${platform}`)).body.items;

describe.each(['slack', 'telegram', 'feishu'] as const)('on %s', (name) => {
  const chat = `desk-${name}`;

  test('a person answers in place of the bot, in the same chat, and gives it back', async () => {
    const platform = world[name];
    await platform.say({ chat, text: 'the bot first' });
    await platform.waitFor(chat, ({ author, text }) => author === 'bot' && text.includes('model: the bot first'));
    const { conversation } = await until('the turn', async () => (await turnsOn(name))[0]);
    const path = `/conversations/acme/${conversation}`;
    expect((await admin.send('POST', `${path}/takeover`)).status).toBe(200);

    await platform.say({ chat, text: 'a person, please' });
    await until('it is left to the person', async () => (await turnsOn(name))[0]?.kind === 'human');
    expect((await admin.send('POST', `${path}/messages`, { text: 'Here I am: **Olga**.' })).status).toBe(202);
    await platform.waitFor(chat, ({ author, text }) => author === 'bot' && text.includes('Here I am'));
    const roles = async () =>
      (await admin.get(`${path}/messages`)).body.items.map(({ role }: { role: string }) => role);
    await until('the transcript', async () => (await roles())[0] === 'human');
    expect(await roles()).toEqual(['human', 'user', 'assistant', 'user']);

    expect((await admin.send('DELETE', `${path}/takeover`)).status).toBe(204);
    await platform.say({ chat, text: 'the bot again' });
    await platform.waitFor(chat, ({ author, text }) => author === 'bot' && text.includes('model: the bot again'));
    expect(botSaid(platform, chat)).toHaveLength(3);
    expect(botSaid(platform, chat)[1]).toContain('Here I am: Olga.');
  });

  test('what was asked is asked again where it stood', async () => {
    const platform = world[name];
    await until('the last turn', async () => (await turnsOn(name))[0]?.kind === 'model');
    const first = (await turnsOn(name)).at(-1);
    const replayed = await admin.send('POST', `/turns/${first?.id}/replay`);
    expect(replayed.status).toBe(202);
    // A platform may show a placeholder first.
    await until('the answer', () => botSaid(platform, chat)[3]?.includes('model: the bot first'));
    expect(botSaid(platform, chat)).toHaveLength(4);
    const turn = await until('the turn', async () => {
      const { status, body } = await admin.get(`/turns/${replayed.body.turn}`);
      return status === 200 ? body : undefined;
    });
    expect(turn.why.en).toContain(`turn ${first?.id}`);
  });
});

test('whoever is signed in hears of it live, and does not hold up a hub that ends', async () => {
  expect((await fetch(`${hub.url}/api/admin/events`)).status).toBe(401);
  const stream = await fetch(`${hub.url}/api/admin/events`, { headers: { cookie: admin.cookie } });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  await world.slack.say({ chat: 'heard', text: 'loud and clear' });
  let heard = '';
  while (!heard.includes('event: turn')) heard += (await reader?.read())?.value ?? '';
  expect(heard).toContain('event: message');
  expect(heard).not.toContain('loud and clear');
  expect(await hub.terminate()).toBe(0);
});
