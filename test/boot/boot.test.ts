import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSealer, parseMasterKey } from '@parley/core/secrets';
import { channelContext, openStore, tables } from '@parley/core/store';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { answered, botSaid, createThinker, PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';

/** `start` on one machine: the embedded Redis and database in the data folder, and the quick start without a file. */
const cleanup = createCleanup();
const thinker = createThinker();
let world: World;
let dataDir: string;

// Processes are started and killed here; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: thinker.reply } }));
  dataDir = await mkdtemp(join(tmpdir(), 'parley-data-'));
  cleanup.add({ stop: () => rm(dataDir, { recursive: true, force: true }) });
});
afterAll(() => cleanup.run());
afterEach(() => thinker.speak());

/** Process id of the redis-server in the data folder; undefined when none answers. */
async function embeddedRedis(): Promise<string | undefined> {
  const path = join(dataDir, 'redis', 'redis.sock');
  const redis = new Redis({ path, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return /process_id:(\d+)/.exec(await redis.info('server'))?.[1];
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

describe('one data folder, from the first start to the change of its key', () => {
  let hub: TestHub;
  const oldKey = async () => readFile(join(dataDir, 'master.key'), 'utf8');
  const newKey = randomBytes(32).toString('base64');

  test('kill -9 of the hub leaves redis-server at work, and the next start takes it over and answers', async () => {
    const config = world.config();
    const first = cleanup.add(await startHub({ config, dataDir }));
    world.connect(first.url);
    expect(first.logs.some(({ msg }) => msg === 'embedded redis started')).toBe(true);
    const redis = await embeddedRedis();
    expect(redis).toBeDefined();
    thinker.think();
    for (const name of PLATFORM_NAMES) await world[name].say({ chat: 'killed', text: 'ponder this' });
    await until('three questions at the model', () => world.openai.requests.length === PLATFORM_NAMES.length);

    await first.kill();
    expect(await embeddedRedis()).toBe(redis);
    thinker.speak();
    hub = cleanup.add(await startHub({ config, dataDir }));
    world.connect(hub.url);
    expect(hub.logs.some(({ msg }) => msg === 'embedded redis taken over')).toBe(true);
    expect(await embeddedRedis()).toBe(redis);
    for (const name of PLATFORM_NAMES) {
      await answered(world[name], 'killed', 'ponder this', 60_000);
      expect(botSaid(world[name], 'killed')).toHaveLength(1);
    }
  });

  test('nothing else may use the folder meanwhile', async () => {
    const env = { PARLEY_DATA_DIR: dataDir, PARLEY_NEW_MASTER_KEY: newKey };
    const tried = [['start'], ['secrets', 'rotate'], ['restore', '--from', join(dataDir, 'saved')], ['migrate']];
    const refused = await Promise.all(tried.map((command) => runCommand(command, dataDir, env)));
    // A command is never sent to another folder: it would save, or change, another database.
    const advice = [/PARLEY_DATA_DIR/, /stop it, run this command[^\n]*DATABASE_URL/];
    for (const [i, { code, stderr }] of refused.entries()) {
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`Another hub \\(process ${hub.process.pid}\\) uses `));
      expect(stderr).toMatch(advice[Math.min(i, 1)] as RegExp);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    // And it is none the worse for it.
    await world.telegram.say({ chat: 'refused', text: 'still here?' });
    await answered(world.telegram, 'refused', 'still here?');
  });

  test('SIGTERM: exit 0, and redis-server ends too', async () => {
    // The killed hub was the one to write to the database; the next one does it when that one's lease has run out.
    await until('what was said to be written down', async () => (await metric(hub.url, 'parley_archive_depth')) === 0);
    expect(await hub.terminate()).toBe(0);
    await until('the end of redis-server', async () => (await embeddedRedis()) === undefined);
    expect(hub.logs.at(-1)?.msg).toBe('stopped');
  });

  test('secrets rotate: the new key opens what the old one no longer does', async () => {
    const env = { PARLEY_DATA_DIR: dataDir };
    const rotated = await runCommand(['secrets', 'rotate'], dataDir, { ...env, PARLEY_NEW_MASTER_KEY: newKey });
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    // Four credentials and keys, and what was said until now.
    expect(Number(/^(\d+) secrets re-encrypted/.exec(rotated.stdout)?.[1])).toBeGreaterThan(4);
    expect(rotated.stdout).not.toContain(newKey);

    const store = await openStore({ pgliteDir: join(dataDir, 'postgres') });
    try {
      const rows = await store.db.select().from(tables.channels);
      expect(rows).toHaveLength(PLATFORM_NAMES.length);
      const [before, after] = [await oldKey(), newKey].map((key) => createSealer(parseMasterKey(key, 'test')));
      for (const { id, tenant, platform, sealed } of rows) {
        const context = channelContext(tenant, id);
        expect(() => before?.open(sealed, context)).toThrow(/master key/);
        expect(JSON.parse(after?.open(sealed, context) ?? '')).toEqual(world[platform as 'slack'].credentials);
      }
    } finally {
      await store.close();
    }
  });

  test('it starts again under the new key, and remembers', async () => {
    hub = cleanup.add(await startHub({ config: world.config(), dataDir, env: { PARLEY_MASTER_KEY: newKey } }));
    world.connect(hub.url);
    for (const name of PLATFORM_NAMES) {
      await world[name].say({ chat: 'killed', text: 'and now' });
      await answered(world[name], 'killed', '"and now" after 2 earlier');
    }
    expect(await hub.terminate()).toBe(0);
  });
});

test('quick start: bots from environment variables alone, the echo model, no file', async () => {
  const env: Record<string, string> = {};
  for (const name of PLATFORM_NAMES) {
    env[`${name.toUpperCase()}_API_BASE_URL`] = world[name].url;
    for (const [credential, value] of Object.entries(world[name].credentials)) {
      if (credential !== 'app_token') env[`${name.toUpperCase()}_${credential.toUpperCase()}`] = value;
    }
  }
  const hub = cleanup.add(await startHub({ env }));
  world.connect(hub.url);
  for (const name of PLATFORM_NAMES) {
    await world[name].say({ chat: 'quick', text: `hello ${name}` });
    expect((await answered(world[name], 'quick', 'hello')).text.trim()).toBe(`echo: hello ${name}`);
  }
  expect(hub.stderr()).toMatch(/Parley is ready: http:\/\/127\.0\.0\.1:\d+/);
  for (const name of PLATFORM_NAMES) expect(hub.stderr()).toContain(`/webhooks/${name}/${name}`);
  for (const { credentials } of world.platforms) {
    for (const [name, value] of Object.entries(credentials)) {
      if (name !== 'app_id') expect(hub.stderr() + JSON.stringify(hub.logs)).not.toContain(value);
    }
  }
});
