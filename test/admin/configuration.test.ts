import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answered, botSaid } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { createWorld, startHub, startPostgres, startRedis, type TestHub, until, type World } from '../support/index.ts';
import { ADMIN_PASSWORD, type ConsoleUser, signIn } from './helpers/console.ts';

/** The configuration through the admin API, in a hub whose gateway and workers are processes of their own. */
const cleanup = createCleanup();
let world: World;
let gateway: TestHub;
let admin: ConsoleUser;
let env: Record<string, string>;

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: ({ messages }) => `model: ${messages.at(-1)?.content}` } }));
  const redis = cleanup.add(await startRedis());
  const postgres = cleanup.add(await startPostgres());
  env = {
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    PARLEY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD,
    PARLEY_ALLOW_PRIVATE_URLS: 'on',
    HOST: '127.0.0.1',
  };
  // The file knows a tenant and nothing else: bots and models are the console's.
  const config = { version: 1, tenants: [{ id: 'acme', models: [] }], models: [{ id: 'echo', provider: 'echo' }] };
  await runCommand(['migrate'], tmpdir(), env);
  gateway = cleanup.add(await startHub({ role: 'gateway', config, env }));
  cleanup.add(await startHub({ role: 'worker', config, env }));
  admin = await signIn(gateway.url);
});
afterAll(() => cleanup.run());

const telegram = () => ({
  id: 'bot',
  tenant: 'globex',
  platform: 'telegram',
  transport: 'webhook',
  api_base_url: world.telegram.url,
  credentials: world.telegram.credentials,
});

describe('from nothing to a bot that answers', () => {
  test('a tenant, a model and a channel are made in the console and are in force everywhere at once', async () => {
    const model = {
      id: 'sim',
      provider: 'openai',
      model: 'gpt-sim',
      endpoints: [{ base_url: world.openai.url }],
      keys: ['sk-sim'],
    };
    expect((await admin.send('POST', '/models', { config: model })).status).toBe(201);
    expect((await admin.send('POST', '/tenants', { config: { id: 'globex', models: ['sim'] } })).status).toBe(201);
    const checked = await admin.send('POST', '/channels/check', { config: telegram() });
    expect(checked.body).toMatchObject({
      ok: true,
      steps: expect.arrayContaining([{ name: 'identity', ok: true, message: '@parley_sim_bot' }]),
    });
    const made = await admin.send('POST', '/channels', { config: telegram() });
    expect(made.body).toMatchObject({
      id: 'bot',
      origin: 'console',
      read_only: false,
      status: { deaf_warning: 'no_events' },
    });
    world.telegram.setWebhook(`${gateway.url}/webhooks/telegram/bot`);
    await world.telegram.say({ chat: 'first', text: 'hello' });
    await answered(world.telegram, 'first', 'model: hello');
  });

  test('its health shows what came in', async () => {
    await until('the event to be counted', async () => {
      const { status } = (await admin.get('/channels/bot')).body;
      return status.last_message_at !== null && status.deaf_warning === null && status.seen.includes('direct');
    });
    const { status } = (await admin.get('/models/sim')).body;
    expect(status.used_by).toEqual(['globex']);
    expect(status.keys).toMatchObject([{ state: 'ok' }]);
  });

  test('a rule answers in the next message, without a restart', async () => {
    const rules = [{ tenant: 'globex', match: { exact: ['hi'] }, reply: 'Hello from the console.' }];
    const tried = await admin.send('POST', '/rules/test', { tenant: 'globex', text: 'HI', rules });
    expect(tried.body).toEqual({ matched: { index: 0, action: 'reply', text: 'Hello from the console.' } });
    expect((await admin.change('/tenants/globex/rules', () => ({ rules }))).status).toBe(200);
    await until('the worker to have it', async () => {
      await world.telegram.say({ chat: 'rules', text: 'hi' });
      return botSaid(world.telegram, 'rules').includes('Hello from the console.');
    });
  });
});

describe('what is stored', () => {
  test('never comes back: no answer has a secret, and what was kept is kept', async () => {
    const read = await admin.get('/channels/bot');
    const secret = String(Reflect.get(world.telegram.credentials, 'bot_token'));
    for (const path of [
      '/channels',
      '/channels/bot',
      '/models',
      '/config',
      '/config/versions',
      '/config/versions/3',
      '/audit',
    ]) {
      const { text } = await admin.get(path);
      expect(text).not.toContain(secret);
      expect(text).not.toContain('sk-sim');
    }
    expect(read.body.config.credentials.bot_token).toMatch(/^kept:[0-9a-f]{12}$/);
    const changed = await admin.change<{ config: object }>('/channels/bot', ({ config }) => ({
      config: { ...config, streaming: false },
    }));
    expect(changed.body.config).toMatchObject({ streaming: false, credentials: read.body.config.credentials });
    await world.telegram.say({ chat: 'after', text: 'still there?' });
    await answered(world.telegram, 'after', 'model: still there?');
  });

  test('cannot be sent elsewhere by who may change an entry', async () => {
    const moved = await admin.change<{ config: object }>('/channels/bot', ({ config }) => ({
      config: { ...config, api_base_url: 'http://127.0.0.1:9' },
    }));
    expect(moved.status).toBe(400);
    expect(moved.body.error.fields).toContainEqual({
      path: 'config.credentials.bot_token',
      message: expect.stringContaining('another address'),
    });
  });
});

describe('changes', () => {
  test('need the state they change, and do not overwrite another’s', async () => {
    const read = await admin.get('/tenants/globex');
    const put = (tag: string | undefined, prompt: string) =>
      admin.send(
        'PUT',
        '/tenants/globex',
        { config: { ...read.body.config, system_prompt: prompt } },
        tag ? { 'if-match': tag } : {},
      );
    expect((await put(undefined, 'x')).body.error.code).toBe('precondition_required');
    const tag = read.headers.get('etag') ?? '';
    expect((await put(tag, 'first')).status).toBe(200);
    expect((await put(tag, 'second')).body.error.code).toBe('precondition_failed');
    expect((await admin.get('/tenants/globex')).body.config.system_prompt).toBe('first');
  });

  test('name the field that is wrong, and change nothing', async () => {
    const wrong = await admin.change<{ config: object }>('/tenants/globex', ({ config }) => ({
      config: { ...config, models: ['nothing'] },
    }));
    expect(wrong.status).toBe(400);
    expect(wrong.body.error.fields).toEqual([{ path: 'config.models[0]', message: "unknown model 'nothing'" }]);
    const used = await admin.get('/models/sim');
    const gone = await admin.send('DELETE', '/models/sim', undefined, { 'if-match': used.headers.get('etag') ?? '' });
    expect(gone.status).toBe(400);
    expect((await admin.get('/models/sim')).status).toBe(200);
  });

  test('of what the file says are refused', async () => {
    const file = await admin.change<{ config: object }>('/tenants/acme', ({ config }) => ({ config }));
    expect(file.status).toBe(403);
    expect((await admin.send('POST', '/tenants', { config: { id: 'acme', models: [] } })).status).toBe(409);
  });

  test('made twice with one key happen once', async () => {
    const key = { 'idempotency-key': 'make-initech' };
    const body = { config: { id: 'initech', models: ['echo'] } };
    const [first, second] = [
      await admin.send('POST', '/tenants', body, key),
      await admin.send('POST', '/tenants', body, key),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    const other = await admin.send('POST', '/tenants', { config: { id: 'other', models: [] } }, key);
    expect(other.body.error.code).toBe('conflict');
  });
});

describe('versions', () => {
  test('are drafted, validated, compared, activated and rolled back', async () => {
    const { body: before, headers } = await admin.get('/config');
    const document = structuredClone(before.document);
    const globex = document.tenants.find(({ id }: { id: string }) => id === 'globex');
    globex.system_prompt = 'From a draft.';
    const broken = { ...document, channels: [{ id: 'x', tenant: 'nobody', platform: 'telegram', credentials: {} }] };
    const validated = await admin.send('POST', '/config/validate', { document: broken });
    expect(validated.body.issues.map(({ path }: { path: string }) => path)).toContain('channels[0].tenant');
    const draft = await admin.send('POST', '/config/versions', { document, comment: 'a new prompt' });
    expect(draft.body).toMatchObject({
      active: false,
      author: 'admin',
      comment: 'a new prompt',
      based_on: before.version,
    });
    const diff = await admin.get(`/config/versions/${draft.body.version}/diff`);
    expect(diff.body.changes).toEqual([
      { path: 'tenants[globex].system_prompt', before: 'first', after: 'From a draft.' },
    ]);
    const activate = (version: number, tag: string | null) =>
      admin.send('POST', `/config/versions/${version}/activate`, undefined, { 'if-match': tag ?? '' });
    expect((await activate(draft.body.version, headers.get('etag'))).status).toBe(200);
    expect((await admin.get('/tenants/globex')).body.config.system_prompt).toBe('From a draft.');
    expect((await activate(before.version, headers.get('etag'))).body.error.code).toBe('precondition_failed');
    const now = await admin.get('/config');
    expect((await activate(before.version, now.headers.get('etag'))).status).toBe(200);
    expect((await admin.get('/tenants/globex')).body.config.system_prompt).toBe('first');
    await world.telegram.say({ chat: 'rolled-back', text: 'and now?' });
    await answered(world.telegram, 'rolled-back', 'model: and now?');
  });

  test('are taken over by a gateway that starts later', async () => {
    const late = cleanup.add(
      await startHub({
        role: 'gateway',
        config: { version: 1, tenants: [{ id: 'acme' }], models: [{ id: 'echo', provider: 'echo' }] },
        env,
      }),
    );
    const there = await signIn(late.url);
    expect((await there.get('/channels/bot')).body).toMatchObject({ id: 'bot', origin: 'console' });
  });
});
