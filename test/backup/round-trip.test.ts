import { readdir } from 'node:fs/promises';
import { createAudit } from '@parley/core/audit';
import {
  chainOf,
  createBackup,
  createBackupKey,
  listBackups,
  readConfiguration,
  removeOldBackups,
  restoreBackup,
  verifyBackup,
} from '@parley/core/backup';
import { migrate, pruneTranscripts, recordTurns, type Store } from '@parley/core/store';
import { sql } from 'drizzle-orm';
import { describe, expect, test, vi } from 'vitest';
import { contentOf, denials, MASTER_KEY, sealer, TABLES, turns } from './helpers/database.ts';
import { chainIn, useBackups } from './helpers/place.ts';

vi.setConfig({ testTimeout: 120_000 });

const key = createBackupKey(MASTER_KEY, 'master');
const backups = useBackups();
const newestChain = () => chainIn(backups.place, key);

/** Puts the newest backup, or that one, into a new database. */
async function restoreAnew(dialect: 'postgres' | 'pglite', id?: string): Promise<Store> {
  const store = await backups.databases.open(dialect);
  const chain = chainOf(await listBackups(backups.place, key), id ?? (await newestChain())[0]?.id ?? '');
  expect(await restoreBackup({ store, place: backups.place, key, chain })).toMatchObject({ auditFaults: [] });
  return store;
}

describe.each([
  ['postgres', 'postgres'],
  ['pglite', 'postgres'],
  ['postgres', 'pglite'],
] as const)('from %s to %s', (from, to) => {
  test('every row of every table is the same', async () => {
    const store = await backups.databases.openFilled(from);
    const before = await contentOf(store);
    for (const table of TABLES) expect(before[table]?.length, table).toBeGreaterThan(0);
    const made = await createBackup({ store, place: backups.place, key, configuration: 'version: 1 # 你好\n' });
    expect(made).toMatchObject({ kind: 'full', reason: 'first', masterKeys: [sealer.keyId] });
    const verified = await verifyBackup(backups.place, key, await newestChain());
    expect(verified).toMatchObject({
      backups: [made.id],
      auditRecords: 135,
      auditFaults: [],
      bytes: expect.any(Number),
    });
    expect(verified.rows).toBe(TABLES.reduce((sum, table) => sum + (before[table]?.length ?? 0), 0));

    const target = await restoreAnew(to);
    expect(await contentOf(target)).toEqual(before);
    expect(await readConfiguration(backups.place, key, made)).toBe('version: 1 # 你好\n');
    // What the database numbers by itself goes on where it was.
    await recordTurns(target, turns('later', 1));
    const [{ highest } = { highest: 0 }] = (
      (await target.db.execute(sql`select max(id)::int as highest from messages`)) as unknown as {
        rows: { highest: number }[];
      }
    ).rows;
    expect(highest).toBe(602);
  });
});

describe.each(['postgres', 'pglite'] as const)('a chain of backups of %s', (dialect) => {
  test('holds what came, what changed and what went, at every link', async () => {
    const store = await backups.databases.openFilled(dialect);
    const audit = createAudit(store);
    const states: { id: string; content: Record<string, string[]> }[] = [];
    const save = async () => {
      const made = await createBackup({ store, place: backups.place, key });
      states.push({ id: made.id, content: await contentOf(store) });
      return made;
    };
    const rowsIn = (made: Awaited<ReturnType<typeof save>>, table: string) =>
      made.tables.find(({ name }) => name === table)?.rows.lines;

    await save();
    await recordTurns(store, turns('second', 50));
    await audit.append(denials(10));
    const second = await save();
    expect(second).toMatchObject({ kind: 'incremental', parent: { id: states[0]?.id } });
    expect([rowsIn(second, 'messages'), rowsIn(second, 'audit'), rowsIn(second, 'ledger')]).toEqual([100, 10, 0]);
    expect(second.tables.find(({ name }) => name === 'messages')?.keys).toBeUndefined();

    // Erased, deleted, changed, swapped: an answer restored later must not bring a person's words back.
    await audit.eraseUser('acme', 'u_1', 'ann');
    await store.db.execute(sql`delete from ledger where request_id like 'r1%'`);
    await store.db.execute(sql`update users set username = 'cleo' where id = 'u1'`);
    await store.db.execute(sql`update users set username = 'ann' where id = 'u2'`);
    await store.db.execute(sql`delete from turns where id = 't-5'`);
    const third = await save();
    expect(third.tables.find(({ name }) => name === 'messages')).toMatchObject({ total: 0, keys: { lines: 0 } });

    await recordTurns(store, turns('fourth', 20));
    await pruneTranscripts(store, [{ tenant: 'acme', days: 30 }], Date.now());
    await audit.prune([{ tenant: 'übung', days: 0 }], Date.now());
    await save();

    for (const { id, content } of states) {
      const target = await restoreAnew(id === states[1]?.id ? 'pglite' : 'postgres', id);
      expect(await contentOf(target)).toEqual(content);
      const chain = chainOf(await listBackups(backups.place, key), id);
      expect(await verifyBackup(backups.place, key, chain)).toMatchObject({ auditFaults: [] });
    }
  });

  test('begins anew after seven, for another database and when asked', async () => {
    const store = await backups.databases.open(dialect);
    await migrate(store);
    const kinds: (string | undefined)[] = [];
    for (let i = 0; i < 8; i++) kinds.push((await createBackup({ store, place: backups.place, key })).reason);
    expect(kinds).toEqual(['first', ...Array(6).fill(undefined), 'long chain']);
    expect(await createBackup({ store, place: backups.place, key, full: true })).toMatchObject({ reason: 'asked' });
    const other = await backups.databases.openAnother(dialect);
    await migrate(other);
    const made = await createBackup({ store: other, place: backups.place, key });
    expect(made).toMatchObject({ reason: 'other database' });

    // The newest two, and what they build on.
    await removeOldBackups(backups.place, key, 2);
    const left = await listBackups(backups.place, key);
    expect(left.map(({ id }) => id).at(-1)).toBe(made.id);
    expect(left.every(({ manifest }) => manifest)).toBe(true);
    expect((await readdir(backups.folder)).sort()).toEqual(left.map(({ id }) => id));
    expect(left.map(({ manifest }) => manifest?.kind)).toEqual(['full', 'full']);
  });
});

test('a backup under writing load shows one moment', async () => {
  const store = await backups.databases.openFilled('postgres');
  const audit = createAudit(store);
  const stop = new AbortController();
  let written = 0;
  const writer = (async () => {
    while (!stop.signal.aborted) {
      // Each turn brings two messages and a record, in three transactions at most.
      await recordTurns(store, turns(`w${written++}`, 5, { status: 'denied' }));
      await audit.append(denials(3));
    }
  })();
  for (let i = 0; i < 4; i++) await createBackup({ store, place: backups.place, key });
  stop.abort();
  await writer;
  expect(written).toBeGreaterThan(3);
  for (const { id } of await listBackups(backups.place, key)) {
    const target = await restoreAnew('postgres', id);
    const { rows } = (await target.db.execute(sql`select
      (select count(*)::int from turns) as turns, (select count(*)::int from messages) as messages,
      (select count(*)::int from turns where status = 'denied') as denied,
      (select count(*)::int from audit where target like 'w%') as told`)) as unknown as {
      rows: { turns: number; messages: number; denied: number; told: number }[];
    };
    expect(rows[0]?.messages).toBe(2 * (rows[0]?.turns ?? 0));
    expect(rows[0]?.told).toBe(rows[0]?.denied);
  }
});

test('what was being written while a backup was taken is in the next one', async () => {
  const store = await backups.databases.open('postgres');
  await migrate(store);
  await recordTurns(store, turns('t', 3));
  // A transaction that takes its number before the backup and ends after it.
  const written = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const slow = store.db.transaction(async (tx) => {
    await tx.execute(sql`insert into model_keys values ('slow', 'm', now())`);
    written.resolve();
    await taken.promise;
  });
  await written.promise;
  await store.db.execute(sql`insert into model_keys values ('quick', 'm', now())`);
  await createBackup({ store, place: backups.place, key });
  taken.resolve();
  await slow;
  await store.db.execute(sql`insert into model_keys values ('later', 'm', now())`);
  expect(await createBackup({ store, place: backups.place, key })).toMatchObject({ kind: 'incremental' });
  const target = await restoreAnew('postgres');
  expect((await contentOf(target)).model_keys).toEqual((await contentOf(store)).model_keys);
});
