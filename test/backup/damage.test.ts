import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BackupPlace,
  chooseBackup,
  createBackup,
  createBackupKey,
  listBackups,
  removeOldBackups,
  restoreBackup,
  verifyBackup,
} from '@parley/core/backup';
import { migrate, recordTurns, SCHEMA_VERSION, type Store, schemaVersion } from '@parley/core/store';
import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { contentOf, MASTER_KEY, turns } from './helpers/database.ts';
import { chainIn, useBackups } from './helpers/place.ts';

vi.setConfig({ testTimeout: 120_000 });

const key = createBackupKey(MASTER_KEY, 'master');
const backups = useBackups();
let store: Store;

beforeAll(async () => {
  store = await backups.databases.openFilled('postgres');
});

const chainNow = () => chainIn(backups.place, key);

describe('what is told of a backup that is not as it was written', () => {
  const cases: [string, (path: (file: string) => string) => Promise<unknown>, RegExp][] = [
    [
      'a flipped bit',
      async (path) => {
        const bytes = await readFile(path('messages.00001'));
        bytes.writeUInt8(bytes.readUInt8(1000) ^ 4, 1000);
        await writeFile(path('messages.00001'), bytes);
      },
      /messages\.00001 was altered/,
    ],
    [
      'a part that was cut off',
      (path) => truncate(path('turns.00001'), 500),
      /turns\.00001 has 500 bytes instead of \d+/,
    ],
    ['a part that is missing', (path) => rm(path('ledger.00001')), /ledger\.00001 is missing/],
    [
      'a part that is another',
      async (path) =>
        writeFile(path('users.00001'), await readFile(path('users.00001')).then((b) => randomBytes(b.length))),
      /users\.00001 was altered/,
    ],
    [
      'a part of another backup of the same rows',
      async (path) => {
        const other = await createBackup({ store, place: backups.place, key, full: true });
        const bytes = await readFile(join(backups.folder, other.id, 'turns.00001'));
        expect(bytes).toHaveLength((await readFile(path('turns.00001'))).length);
        await writeFile(path('turns.00001'), bytes);
        await rm(join(backups.folder, other.id), { recursive: true });
      },
      /turns\.00001 was altered, or belongs elsewhere/,
    ],
    [
      'a manifest that says something else',
      async (path) => {
        const text = await readFile(path('manifest.json'), 'utf8');
        await writeFile(path('manifest.json'), text.replace('"kind": "full"', '"kind": "incremental"'));
      },
      /manifest\.json was altered/,
    ],
    ['a manifest that cannot be read', (path) => truncate(path('manifest.json'), 100), /manifest\.json cannot be read/],
  ];

  test.each(cases)('%s', async (_, damage, expected) => {
    const { id } = await createBackup({ store, place: backups.place, key });
    await damage((file) => join(backups.folder, id, file));
    await expect(chainNow().then((chain) => verifyBackup(backups.place, key, chain))).rejects.toThrow(expected);
    // Half a restore is none.
    const target = await backups.databases.open('postgres');
    await expect(
      chainNow().then((chain) => restoreBackup({ store: target, place: backups.place, key, chain })),
    ).rejects.toThrow(expected);
    expect(await schemaVersion(target)).toBe(0);
  });

  test("a link of the chain that is missing, and one that was put in another's place", async () => {
    const first = await createBackup({ store, place: backups.place, key });
    const second = await createBackup({ store, place: backups.place, key });
    await rename(join(backups.folder, first.id), join(backups.folder, 'elsewhere'));
    await expect(chainNow()).rejects.toThrow(`Backup ${second.id} builds on ${first.id}, which is not there`);
    await rename(join(backups.folder, second.id), join(backups.folder, first.id));
    expect((await listBackups(backups.place, key))[0]?.fault?.message).toContain(`belongs to ${second.id}`);
    // And nothing new is built on what cannot be restored.
    expect(await createBackup({ store, place: backups.place, key })).toMatchObject({ reason: 'first' });
  });

  test('another key, by the name of the variable it is in', async () => {
    const { id } = await createBackup({ store, place: backups.place, key });
    const own = createBackupKey(MASTER_KEY, 'own');
    expect(own.id).not.toBe(key.id);
    const [found] = await listBackups(backups.place, own);
    expect(found?.fault).toMatchObject({
      kind: 'other key',
      message: expect.stringMatching(/needs the PARLEY_MASTER_KEY .* and no PARLEY_BACKUP_KEY/),
    });
    expect(() => chooseBackup([found ?? { id }], {})).toThrow(/There is no usable backup/);
    // Nobody's backups are removed by somebody who cannot read them.
    expect(await removeOldBackups(backups.place, own, 1, Date.now() + 1e12)).toEqual([]);
  });
});

test('a backup that was interrupted never looks like one, and goes after a day', async () => {
  let writes = 0;
  const breaking: BackupPlace = {
    ...backups.place,
    async write(where, file, bytes) {
      if (++writes > 8) throw new Error('the power is gone');
      await backups.place.write(where, file, bytes);
    },
  };
  await expect(createBackup({ store, place: breaking, key })).rejects.toThrow();
  const [left] = await listBackups(backups.place, key);
  expect(await readdir(join(backups.folder, left?.id ?? ''))).toHaveLength(8);
  expect(left?.fault).toMatchObject({ kind: 'incomplete' });
  await expect(chainNow()).rejects.toThrow(/no usable backup[\s\S]*was interrupted/);
  expect(await createBackup({ store, place: backups.place, key })).toMatchObject({ kind: 'full', reason: 'first' });
  expect(await removeOldBackups(backups.place, key, 1)).toEqual([]);
  expect(await removeOldBackups(backups.place, key, 1, Date.now() + 25 * 3_600_000)).toEqual([left?.id]);
  expect(await readdir(backups.folder)).toHaveLength(1);
});

describe('restoring', () => {
  test('refuses a database that is not empty, unless told to', async () => {
    await createBackup({ store, place: backups.place, key });
    const target = await backups.databases.open('postgres');
    await migrate(target);
    await recordTurns(target, turns('mine', 2));
    const mine = await contentOf(target);
    const chain = await chainNow();
    const refused = restoreBackup({ store: target, place: backups.place, key, chain });
    await expect(refused).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/rows in conversations.*--force/),
    });
    expect(await contentOf(target)).toEqual(mine);
    await restoreBackup({ store: target, place: backups.place, key, chain, force: true });
    expect(await contentOf(target)).toEqual(await contentOf(store));
  });

  test('makes the schema as it was then, and brings it up to date afterwards', async () => {
    // As an older hub has made it: a schema without the last two migrations, and a manifest that says so.
    const made = await createBackup({ store, place: backups.place, key });
    const last = [
      'user_sessions',
      'access_tokens',
      'user_roles',
      'users',
      'policies',
      'config_active',
      'config_versions',
      'backup_notes',
    ];
    const older = {
      ...made,
      schemaVersion: 2,
      tables: made.tables.filter(({ name }) => !last.includes(name) && name !== 'api_keys'),
      sequences: {},
    };
    const target = await backups.databases.open('postgres');
    await migrate(target);
    const done = await restoreBackup({ store: target, place: backups.place, key, chain: [older] });
    expect(done).toMatchObject({ schemaVersion: SCHEMA_VERSION, migrations: SCHEMA_VERSION - 2 });
    expect(await schemaVersion(target)).toBe(SCHEMA_VERSION);
    const [there, then] = [await contentOf(target), await contentOf(store)];
    expect([there.turns, there.messages, there.audit]).toEqual([then.turns, then.messages, then.audit]);
    expect(there.users).toEqual([]);
  });

  test('refuses a backup of a newer hub', async () => {
    const made = await createBackup({ store, place: backups.place, key });
    const chain = [{ ...made, schemaVersion: SCHEMA_VERSION + 1 }];
    const target = await backups.databases.open('postgres');
    await expect(restoreBackup({ store: target, place: backups.place, key, chain })).rejects.toThrow(/or a newer one/);
  });

  test('tells of an audit log that was changed before the backup', async () => {
    const tampered = await backups.databases.openFilled('postgres');
    await tampered.db.execute(sql`update audit set actor = 'somebody else' where tenant = 'acme' and seq = 7`);
    await tampered.db.execute(sql`delete from audit where tenant = 'übung' and seq = 15`);
    await createBackup({ store: tampered, place: backups.place, key });
    const chain = await chainNow();
    const faults = [
      expect.stringContaining('acme: record 7 is broken: it was changed'),
      expect.stringContaining('übung: record 15 is missing at the end'),
    ];
    expect((await verifyBackup(backups.place, key, chain)).auditFaults.sort()).toEqual(faults);
    const target = await backups.databases.open('postgres');
    expect((await restoreBackup({ store: target, place: backups.place, key, chain })).auditFaults).toHaveLength(2);
  });

  test('chooses the newest backup from before a moment', async () => {
    const first = await createBackup({ store, place: backups.place, key });
    const second = await createBackup({ store, place: backups.place, key });
    const found = await listBackups(backups.place, key);
    const at = Date.parse(second.takenAt);
    expect(chooseBackup(found, { at: at - 1 }).id).toBe(first.id);
    expect(chooseBackup(found, { at }).id).toBe(second.id);
    expect(() => chooseBackup(found, { at: Date.parse(first.takenAt) - 1 })).toThrow(/no usable backup from before/);
    expect(() => chooseBackup(found, { id: 'nothing' })).toThrow(/There is no backup nothing/);
  });
});
