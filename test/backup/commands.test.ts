import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openStore } from '@parley/core/store';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { fillWithEmptyPglite } from '../support/index.ts';
import { contentOf, fillEverything, MASTER_KEY, sealer, startDatabases } from './helpers/database.ts';
import { ACCESS_KEY, SECRET_KEY, startS3 } from './helpers/s3.ts';

vi.setConfig({ testTimeout: 180_000 });

const cleanup = createCleanup();
const masterKey = { PARLEY_MASTER_KEY: MASTER_KEY.toString('base64') };
let databases: Awaited<ReturnType<typeof startDatabases>>;
let folder: string;

beforeAll(async () => {
  databases = cleanup.add(await startDatabases());
  folder = await mkdtemp(join(tmpdir(), 'parley-backup-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
});
afterAll(() => cleanup.run());

test('from the data folder of `npm start` to a Postgres of its own, by the command line alone', async () => {
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  await fillWithEmptyPglite(join(dataDir, 'postgres'));
  const embedded = await openStore({ pgliteDir: join(dataDir, 'postgres') });
  await migrate(embedded);
  await fillEverything(embedded);
  const before = await contentOf(embedded);
  await embedded.close();
  await writeFile(join(dataDir, 'master.key'), `${masterKey.PARLEY_MASTER_KEY}\n`);
  await writeFile(join(folder, 'hub.yaml'), 'version: 1\n');
  const backups = join(folder, 'backups');
  const here = { PARLEY_DATA_DIR: dataDir, PARLEY_BACKUP_TO: backups, PARLEY_CONFIG: 'hub.yaml' };

  const saved = await runCommand(['backup'], folder, here);
  expect(saved, saved.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(saved.stdout).toMatch(/^\S+-full-\w{4}: full \(the first one here\), \d+ rows, [\d.]+ MB in \/.*backups\n/);
  expect(saved.stdout).toContain('which comes from the master key');
  const again = await runCommand(['backup', '--keep', '1'], folder, here);
  expect(again.stdout).toMatch(/: incremental, 1 rows/);
  expect(again.stdout).not.toContain('removed');
  const verified = await runCommand(['backup', 'verify'], folder, here);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/whole, .*\n135 audit records hold\n/) });
  const listed = await runCommand(['backup', 'list', '--json'], folder, here);
  const ids = listed.stdout.trim().split('\n');
  expect(ids.map((line) => JSON.parse(line).state)).toEqual(['complete', 'complete']);

  // On another machine: first without the key, then with it.
  const there = { DATABASE_URL: await databases.freshUrl(), PARLEY_DATA_DIR: join(folder, 'other') };
  const keyless = await runCommand(['restore', '--from', backups], folder, there);
  expect(keyless).toMatchObject({ code: 1, stderr: expect.stringContaining('PARLEY_MASTER_KEY is not set') });
  const wrong = { ...there, PARLEY_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };
  const refused = await runCommand(['restore', '--from', backups], folder, wrong);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/made under backup key .* needs the PARLEY_MASTER_KEY/),
  });
  const restored = await runCommand(['restore', '--from', backups, '--configuration', 'then.yaml'], folder, {
    ...there,
    ...masterKey,
  });
  expect(restored, restored.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(restored.stdout).toContain(`open with the master key that is set here, ${sealer.keyId}`);
  expect(await readFile(join(folder, 'then.yaml'), 'utf8')).toBe('version: 1\n');
  const store = await openStore({ databaseUrl: there.DATABASE_URL });
  // The second backup has the first one's note.
  const { backup_notes: notes, ...content } = await contentOf(store);
  const { backup_notes: _, ...expected } = before;
  expect(content).toEqual(expected);
  expect(notes).toEqual([expect.stringContaining(`"backup":"${JSON.parse(ids[0] ?? '').id}"`)]);
  await store.close();
  const twice = await runCommand(['restore', '--from', backups], folder, { ...there, ...masterKey });
  expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
});

test('into a bucket, under a key of its own: the master key that is needed is named', async () => {
  const s3 = cleanup.add(await startS3('saved'));
  const env = {
    DATABASE_URL: await databases.freshUrl(),
    PARLEY_BACKUP_TO: 's3://saved',
    PARLEY_BACKUP_KEY: Buffer.alloc(32, 3).toString('base64'),
    PARLEY_DATA_DIR: join(folder, 'none'),
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ACCESS_KEY_ID: ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  };
  const store = await openStore({ databaseUrl: env.DATABASE_URL });
  await migrate(store);
  await fillEverything(store);
  await store.close();
  const saved = await runCommand(['backup'], folder, env);
  expect(saved, saved.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('which is PARLEY_BACKUP_KEY') });
  const restored = await runCommand(['restore'], folder, { ...env, DATABASE_URL: await databases.freshUrl() });
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect(restored.stdout).toContain(`sealed under master key ${sealer.keyId}; here is none. Set PARLEY_MASTER_KEY`);
  for (const { stdout, stderr } of [saved, restored]) {
    for (const secret of [SECRET_KEY, env.PARLEY_BACKUP_KEY]) expect(stdout + stderr).not.toContain(secret);
  }
});

test.each([
  [['backup', '--keep', '0']],
  [['backup', 'list', '--full']],
  [['backup', 'burn']],
  [['backup', 'verify', '--to-time', 'soon']],
  [['restore', '--backup', 'a', '--to-time', '2026-01-01T00:00:00Z']],
  [['restore', 'it']],
])('%j shows the usage, exit 2', async (args) => {
  const { code, stderr } = await runCommand(args, folder);
  expect({ code, usage: stderr.startsWith('Usage: parley ') }).toEqual({ code: 2, usage: true });
});

test('without a place a sentence says how to name one', async () => {
  const { code, stderr } = await runCommand(['backup', 'list'], folder, masterKey);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('PARLEY_BACKUP_TO') });
});
