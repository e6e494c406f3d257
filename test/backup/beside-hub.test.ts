import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { answered } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { PASSWORD, signIn } from './helpers/console.ts';

/** A hub with its embedded database, which nobody else can open: it is saved while it answers, and lives on elsewhere. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const cleanup = createCleanup();
let world: World;
let hub: TestHub;
let read: Awaited<ReturnType<typeof signIn>>;
let folder: string;

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  folder = await mkdtemp(join(tmpdir(), 'parley-beside-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  hub = cleanup.add(await startHub({ config: world.config(), env: { PARLEY_ADMIN_PASSWORD: PASSWORD } }));
  world.connect(hub.url);
  read = await signIn(hub.url);
});
afterAll(() => cleanup.run());

const ask = async (text: string) => {
  await world.telegram.say({ chat: 'diary', text });
  await answered(world.telegram, 'diary', text);
};
/** Resolves when so many questions and their answers are in the database. */
const archived = (count: number) =>
  until('what was said to be in the database', async () => {
    const { items } = await read<{ items: unknown[] }>('turns');
    return items.length === count;
  });
/** In another folder than the hub's: a place is where the command says. */
const parley = (args: string[], env: Record<string, string> = {}) =>
  runCommand(args, folder, { PARLEY_DATA_DIR: hub.dataDir, PARLEY_BACKUP_TO: 'saved', ...env });

test('it makes the backup itself, goes on answering, and is told what was verified', async () => {
  await ask('my cat is called Mimi');
  await archived(1);
  const [saved] = await Promise.all([parley(['backup']), ask('what did I say while you were saving?')]);
  expect(saved).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/: full \(the first one here\)/) });
  expect(saved.stdout).toContain(join(folder, 'saved'));
  await archived(2);
  const again = await parley(['backup', '--keep', '1']);
  expect(again).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(': incremental') });
  const verified = await parley(['backup', 'verify']);
  expect(verified).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(' after ') });
  const metrics = await (await fetch(`${hub.url}/metrics`)).text();
  expect(metrics).toMatch(/^parley_backup_last_success_timestamp_seconds\{kind="incremental"\} \d/m);
  expect(metrics).toMatch(/^parley_backup_last_verified_timestamp_seconds \d/m);
  expect(hub.logs.filter(({ msg }) => msg === 'backup made')).toHaveLength(2);
});

test('under another key, or two at once, it is refused with a sentence', async () => {
  const other = await parley(['backup'], { PARLEY_BACKUP_KEY: Buffer.alloc(32, 3).toString('base64') });
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('PARLEY_BACKUP_KEY') });
  const both = await Promise.all([parley(['backup', '--full']), parley(['backup', '--full'])]);
  for (const { code, stderr } of both) {
    if (code !== 0) expect(stderr).toContain('A backup is being made already');
  }
  expect(both.some(({ code }) => code === 0)).toBe(true);
  const listed = await parley(['backup', 'list', '--json']);
  const states = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).state);
  expect(new Set(states)).toEqual(new Set(['complete']));
});

test('what cannot be written is told to whoever asked, and the hub is none the worse for it', async () => {
  const nowhere = join(hub.dataDir, 'master.key', 'backups');
  const refused = await parley(['backup', '--to', nowhere]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`Backups in ${nowhere}`) });
  await ask('still here?');
});

test('restored elsewhere it answers, and knows what was said', async () => {
  const dataDir = join(folder, 'elsewhere');
  const masterKey = (await readFile(join(hub.dataDir, 'master.key'), 'utf8')).trim();
  const there = { PARLEY_DATA_DIR: dataDir, PARLEY_MASTER_KEY: masterKey };
  const restored = await runCommand(['restore', '--from', 'saved'], folder, there);
  expect(restored, restored.stderr).toMatchObject({ code: 0, stderr: '' });
  const next = cleanup.add(await startHub({ config: world.config(), dataDir, env: { PARLEY_MASTER_KEY: masterKey } }));
  world.connect(next.url);
  await ask('and now?');
  const messages = JSON.stringify(world.openai.requests.at(-1));
  expect(messages).toContain('my cat is called Mimi');
  expect(messages).toContain('what did I say while you were saving?');
});

test("its socket is open to nobody else, and one that was left behind is in nobody's way", async () => {
  const socket = join(hub.dataDir, 'hub.sock');
  expect((await stat(socket)).mode & 0o077).toBe(0);
  await hub.kill();
  const saved = await parley(['backup']);
  expect(saved, saved.stderr).toMatchObject({ code: 0 });
  hub = cleanup.add(await startHub({ config: world.config(), dataDir: hub.dataDir }));
  expect(await parley(['backup'])).toMatchObject({ code: 0, stderr: '' });
  expect(await hub.terminate()).toBe(0);
});
