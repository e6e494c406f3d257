import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { botSaid, createThinker, PLATFORM_NAMES, type PlatformName } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, signIn } from './helpers/console.ts';

/** A version of the configuration reaches two gateways and two workers while people are waiting for their answers. */
const cleanup = createCleanup();
const thinker = createThinker();
let world: World;
let gateways: TestHub[];
let workers: TestHub[];
let processes: TestHub[];
let admins: ConsoleUser[];

// Four processes that start and answer at once take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply } }));
  const shared = cleanup.add(await startSharedServices());
  const env = {
    ...shared.env,
    HOST: '127.0.0.1',
    PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD,
    PARLEY_ALLOW_PRIVATE_URLS: 'on',
    // Fewer than there are chats, so that no worker can take them all.
    PARLEY_WORKER_CONCURRENCY: '8',
  };
  await runCommand(['migrate'], shared.folder, env);
  const config = { version: 1, tenants: [{ id: 'ops', models: [] }] };
  const start = async (role: 'gateway' | 'worker') => {
    const hub = await startHub({ role, config, env });
    cleanup.add({ stop: () => hub.kill().then(hub.stop) });
    return hub;
  };
  gateways = [await start('gateway'), await start('gateway')];
  workers = await Promise.all([start('worker'), start('worker')]);
  processes = [...gateways, ...workers];
  admins = await Promise.all(gateways.map(({ url }) => signIn(url)));
});
afterAll(() => cleanup.run());
afterEach(() => thinker.speak());

const inForce = ({ logs }: TestHub) => logs.filter(({ msg }) => msg === 'the new configuration is in force');

/** Activates a version through one gateway and resolves once all four processes have it; says how long each took. */
async function activate(admin: ConsoleUser | undefined, version: number, what: string): Promise<void> {
  if (!admin) throw new Error('nobody is signed in');
  const before = processes.map((one) => inForce(one).length);
  const etag = (await admin.get('/config')).headers.get('etag') ?? '';
  const began = Date.now();
  const answer = await admin.send('POST', `/config/versions/${version}/activate`, undefined, { 'if-match': etag });
  expect(answer.status, answer.text).toBe(200);
  const lines = await Promise.all(
    processes.map((one, i) => until('the new version', () => inForce(one)[before[i] ?? 0])),
  );
  const tookMs = lines.map(({ time }) => Date.parse(String(time)) - began);
  process.stdout.write(`${what} was in force after ${tookMs.join(', ')} ms (gateways, workers)\n`);
}

async function draft(document: object): Promise<number> {
  const made = await admins[0]?.send('POST', '/config/versions', { document });
  expect(made?.status, made?.text).toBe(201);
  return made?.body.version;
}

/** The system prompts of all times the model was asked this. */
const askedAbout = (question: string) =>
  world.openai.requests.flatMap(({ chat }) => {
    return chat?.messages.at(-1)?.content === question ? [chat.system] : [];
  });

const FIRST = 'of the first version';
const SECOND = 'of the second version';
const CHATS_EACH = 4;
const chats = PLATFORM_NAMES.flatMap((name) =>
  Array.from({ length: CHATS_EACH }, (_, i) => ({ name, chat: `everywhere-${i}`, id: `${name}-${i}` })),
);

/** Everybody asks through both gateways in turn, for as long as something goes on. */
async function keepAsking(goingOn: () => boolean): Promise<Map<string, string[]>> {
  const asked = new Map<string, string[]>(chats.map(({ id }) => [id, []]));
  for (let round = 0; round === 0 || goingOn(); round++) {
    world.connect(gateways[round % 2]?.url ?? '');
    await Promise.all(
      chats.map(async ({ name, chat, id }) => {
        const question = `meanwhile ${round} of ${id}.`;
        await world[name].say({ chat, text: question });
        asked.get(id)?.push(question);
      }),
    );
    // Everybody waits for an answer before they go on asking, as people do.
    await Promise.all(chats.map(({ name, chat, id }) => heard(name, chat, `meanwhile ${round} of ${id}.`)));
  }
  return asked;
}

const heard = (name: PlatformName, chat: string, question: string) =>
  until(`the answer to ${question}`, () => botSaid(world[name], chat).some((text) => text.includes(`"${question}"`)));

describe('a version', () => {
  const credentials = (name: PlatformName) => ({
    id: name,
    tenant: 'acme',
    platform: name,
    credentials: world[name].credentials,
    api_base_url: world[name].url,
  });
  let first: number;
  let second: number;

  test('of the console is in force in every process', async () => {
    const endpoints = [{ base_url: world.openai.url }];
    const models = [{ id: 'sim', provider: 'openai', model: 'gpt-sim', endpoints, keys: ['sk-sim'] }];
    const tenants = [{ id: 'acme', models: ['sim'], system_prompt: `You are ${FIRST}.` }];
    const document = { tenants, models, channels: PLATFORM_NAMES.map(credentials) };
    first = await draft(document);
    await activate(admins[0], first, 'the first version');
    const { body } = (await admins[1]?.get('/config')) ?? { body: {} };
    expect(body.version).toBe(first);
    // The second one changes what gateways look at (a channel) and what workers look at (a prompt, a rule).
    second = await draft({
      ...body.document,
      tenants: [{ id: 'acme', models: ['sim'], system_prompt: `You are ${SECOND}.` }],
      channels: [...body.document.channels, { ...credentials('telegram'), id: 'another' }],
      rules: [{ tenant: 'acme', match: { exact: ['which version'] }, reply: 'The second.' }],
    });
  });

  test('that follows drops nothing that is under way, and loses no message that comes meanwhile', async () => {
    const pids = processes.map(({ process }) => process.pid);
    thinker.think();
    for (const [i, { name, chat, id }] of chats.entries()) {
      world.connect(gateways[i % 2]?.url ?? '');
      await world[name].say({ chat: `${chat}-waits`, text: `ponder for ${id}.` });
    }
    await until('every question at the model', () =>
      chats.every(({ id }) => askedAbout(`ponder for ${id}.`).length === 1),
    );

    let isGoingOn = true;
    const asking = keepAsking(() => isGoingOn);
    await activate(admins[0], second, 'the second version');
    await activate(admins[1], first, 'the first one again');
    await activate(admins[0], second, 'and the second');
    isGoingOn = false;
    const asked = await asking;
    thinker.speak();

    for (const { name, chat, id } of chats) {
      await heard(name, `${chat}-waits`, `ponder for ${id}.`);
      expect(botSaid(world[name], `${chat}-waits`)).toHaveLength(1);
      const answers = botSaid(world[name], chat).map((text) => /"(.*)"/.exec(text)?.[1]);
      expect(answers, id).toEqual(asked.get(id));
      for (const question of [`ponder for ${id}.`, ...(asked.get(id) ?? [])]) {
        expect(askedAbout(question), question).toHaveLength(1);
      }
    }
    expect(processes.map(({ process }) => [process.pid, process.exitCode])).toEqual(pids.map((pid) => [pid, null]));
  });

  test('holds in both gateways and both workers, and so does the one that is gone back to', async () => {
    const webhook = (url: string) => fetch(`${url}/webhooks/telegram/another`, { method: 'POST', body: '{}' });
    const statuses = () => Promise.all(gateways.map(async ({ url }) => (await webhook(url)).status));
    expect(await statuses()).toEqual([401, 401]);
    await everybodyHears('The second.', SECOND);
    await activate(admins[1], first, 'the first version, gone back to,');
    expect(await statuses()).toEqual([404, 404]);
    await everybodyHears('answer to "which version"', FIRST);
  });

  /** Asks in so many chats at once that both workers have to answer. */
  async function everybodyHears(reply: string, prompt: string): Promise<void> {
    const label = `asks ${prompt}`;
    thinker.think();
    for (const { name, chat } of chats) await world[name].say({ chat: `${chat} ${label}`, text: `ponder ${prompt}.` });
    const asked = () => askedAbout(`ponder ${prompt}.`);
    await until('every question at the model', () => asked().length === chats.length);
    expect(new Set(asked())).toEqual(new Set([`You are ${prompt}.`]));
    thinker.speak();
    for (const { name, chat } of chats) await world[name].say({ chat: `${chat} ${label}`, text: 'which version' });
    for (const { name, chat } of chats) {
      await until(reply, () => botSaid(world[name], `${chat} ${label}`).some((text) => text.includes(reply)));
    }
  }
});
