import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackupNote, migrate, noteBackup, openStore, readBackupNotes, tables } from '@parley/core/store';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { createWorld, startHub, until } from '../support/index.ts';
import { PASSWORD, signIn } from './helpers/console.ts';
import { fillEverything, MASTER_KEY, startDatabases } from './helpers/database.ts';

/** Whoever saves the database leaves a note in it, and the hub tells of that. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const cleanup = createCleanup();
const env: Record<string, string> = {
  PARLEY_MASTER_KEY: MASTER_KEY.toString('base64'),
  PARLEY_ADMIN_PASSWORD: PASSWORD,
  PARLEY_BACKUP_MAX_AGE_HOURS: '48',
};
let databases: Awaited<ReturnType<typeof startDatabases>>;
let folder: string;

beforeAll(async () => {
  databases = cleanup.add(await startDatabases());
  folder = await mkdtemp(join(tmpdir(), 'parley-notes-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
});
afterAll(() => cleanup.run());

const note = (changes: Partial<BackupNote>): BackupNote => ({
  event: 'full',
  backup: 'one',
  place: '/mnt/backups',
  takenAt: new Date(1_000),
  at: new Date(2_000),
  rows: 1,
  bytes: 9_007_199_254_740_991,
  ...changes,
});

describe.each(['postgres', 'pglite'] as const)('%s', (dialect) => {
  test('the last of each is kept, whoever comes last', async () => {
    const store = await databases.open(dialect);
    await migrate(store);
    expect(await readBackupNotes(store)).toEqual([]);
    const newer = note({ backup: 'two', takenAt: new Date(3_000), at: new Date(4_000) });
    const verified = note({ event: 'verified', at: new Date(5_000) });
    for (const one of [note({}), newer, verified, note({ backup: 'late' })]) await noteBackup(store, one);
    const found = await readBackupNotes(store);
    expect(found.sort((a, b) => a.event.localeCompare(b.event))).toEqual([newer, verified]);
  });
});

test('a hub that expects backups says so, and falls silent with the first one', async () => {
  const world = cleanup.add(await createWorld());
  const databaseUrl = await databases.freshUrl();
  const shared = { ...env, DATABASE_URL: databaseUrl };
  const hub = cleanup.add(await startHub({ config: world.config(), env: shared }));
  const read = await signIn(hub.url);
  const attention = () => backupAttention(read);
  expect(await gauges(hub.url)).toEqual({ parley_backup_max_age_seconds: 172_800 });
  expect(await attention()).toMatchObject([{ message: { en: 'No backup has been made yet' } }]);

  const backups = { ...shared, PARLEY_BACKUP_TO: join(folder, 'saved') };
  const before = Date.now() / 1000;
  for (const args of [['backup'], ['backup'], ['backup', 'verify']])
    expect(await runCommand(args, folder, backups)).toMatchObject({ code: 0, stderr: '' });
  const told = await until(
    'the hub to have seen it',
    async () => {
      const found = await gauges(hub.url);
      return found.parley_backup_last_verified_timestamp_seconds ? found : undefined;
    },
    60_000,
  );
  for (const kind of ['full', 'incremental']) {
    expect(told[`parley_backup_last_success_timestamp_seconds{kind="${kind}"}`]).toBeGreaterThan(before - 1);
    expect(told[`parley_backup_last_bytes{kind="${kind}"}`]).toBeGreaterThan(100);
  }
  expect(told.parley_backup_last_verified_timestamp_seconds).toBeGreaterThan(before);
  expect(await attention()).toEqual([]);

  // Days later, by the database's own account.
  const store = await openStore({ databaseUrl });
  await store.db.update(tables.backupNotes).set({ takenAt: new Date(Date.now() - 50 * 3_600_000) });
  await store.close();
  await until('the hub to miss one', async () => (await attention()).length > 0, 60_000);
  expect(await attention()).toMatchObject([
    { severity: 'warning', message: { en: 'The last backup is 50 hours old' } },
  ]);
});

test('a hub of which nobody makes backups tells nothing', async () => {
  const world = cleanup.add(await createWorld());
  const { PARLEY_BACKUP_MAX_AGE_HOURS: _, ...unset } = env;
  const hub = cleanup.add(await startHub({ config: world.config(), env: unset }));
  expect(await gauges(hub.url)).toEqual({});
  expect(await backupAttention(await signIn(hub.url))).toEqual([]);
});

test('a role that may not leave a note makes its backup all the same, and says what the hub will not know', async () => {
  const databaseUrl = await databases.freshUrl();
  const store = await openStore({ databaseUrl });
  await migrate(store);
  await fillEverything(store);
  await store.db.execute('create role reader login');
  await store.db.execute(
    'grant usage on schema drizzle to reader; grant select on all tables in schema drizzle to reader',
  );
  await store.db.execute('grant select on all tables in schema public to reader');
  await store.db.execute('grant select on all sequences in schema public to reader');
  await store.close();
  const reader = { ...env, DATABASE_URL: databaseUrl.replace('parley@', 'reader@') };
  const saved = await runCommand(['backup', '--to', join(folder, 'unnoted')], folder, reader);
  expect(saved).toMatchObject({ code: 0, stderr: expect.stringMatching(/^The hub does not know of it: .*42501/) });
  const verified = await runCommand(['backup', 'verify', '--to', join(folder, 'unnoted')], folder, env);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('whole'), stderr: '' });
});

/** What the hub says of backups, by series. */
async function gauges(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = [...text.matchAll(/^(parley_backup_\S+) (\S+)$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]));
}

async function backupAttention(read: Awaited<ReturnType<typeof signIn>>): Promise<{ kind: string }[]> {
  const { attention } = await read<{ attention: { kind: string }[] }>('overview');
  return attention.filter(({ kind }) => kind === 'backup');
}
