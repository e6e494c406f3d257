import { sql } from 'drizzle-orm';
import { createAudit } from '../audit/index.ts';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { MIGRATION_LOCK } from '../store/locks.ts';
import { dropTables, migrateTo, SCHEMA_VERSION, versionOf } from '../store/migrate.ts';
import { readLines } from './files.ts';
import type { BackupKey } from './key.ts';
import { loadTable } from './load-table.ts';
import type { KnownManifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { rowsOf } from './snapshot.ts';
import { tablesInOrder } from './tables.ts';
import { shelfOf } from './verify.ts';

export interface RestoreOptions {
  store: Store;
  place: BackupPlace;
  key: BackupKey;
  /** The backup and what it builds on, as `chainOf` gives it. */
  chain: readonly KnownManifest[];
  /** Deletes what is in the database; without it a database that is not empty is refused with `conflict`. */
  force?: boolean;
}

export interface RestoredBackup {
  rows: number;
  schemaVersion: number;
  /** Migrations that came after the backup. */
  migrations: number;
  auditRecords: number;
  auditFaults: string[];
}

/**
 * Puts a backup into a database, in one transaction: all of it, or nothing changes. The schema is made as it was then,
 * filled, and brought up to date as any other hub's.
 */
export async function restoreBackup({ store, place, key, chain, force }: RestoreOptions): Promise<RestoredBackup> {
  const [newest] = chain;
  if (!newest) throw new ParleyError('not_found', 'There is no backup to restore');
  const { id, schemaVersion } = newest;
  if (schemaVersion > SCHEMA_VERSION) {
    throw new ParleyError(
      'unavailable',
      `Backup ${id} has schema version ${schemaVersion}, this hub knows ${SCHEMA_VERSION} only: restore it with the hub that made it, or a newer one`,
    );
  }
  const result = await guarded('restoring', () =>
    store.withoutLimits((db) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
        const names = newest.tables.map((table) => table.name);
        await makeRoom(
          tx,
          [...new Set([...names, ...tablesInOrder().map(({ name }) => name)])],
          schemaVersion,
          force === true,
        );
        await migrateTo(tx, schemaVersion);
        let rows = 0;
        for (const { name } of newest.tables) {
          const versions = chain.flatMap((manifest) => {
            const table = manifest.tables.find((one) => one.name === name);
            return table ? { table, shelf: shelfOf(place, key, manifest) } : [];
          });
          rows += await loadTable(tx, versions);
        }
        for (const [place, last] of Object.entries(newest.sequences)) await setSequence(tx, place, last);
        return { rows, schemaVersion: SCHEMA_VERSION, migrations: await migrateTo(tx, SCHEMA_VERSION) };
      }),
    ),
  );
  const { records, faults } = await createAudit(store).verify();
  return {
    ...result,
    auditRecords: records,
    auditFaults: faults.map(({ tenant, seq, fault }) => `${tenant}: record ${seq} is broken: ${fault}`),
  };
}

/** Empty tables of the backup's version, or none at all. */
async function makeRoom(tx: Db, tables: readonly string[], version: number, force: boolean): Promise<void> {
  const present = await versionOf(tx);
  const there: string[] = [];
  for (const table of tables) {
    const [found] = await rowsOf<{ there: boolean }>(tx, sql`select to_regclass(${table}) is not null as there`);
    if (found?.there) there.push(table);
  }
  for (const table of force ? [] : there) {
    const [found] = await rowsOf<{ filled: boolean }>(
      tx,
      sql`select exists (select from ${sql.identifier(table)}) as filled`,
    );
    if (found?.filled) {
      throw new ParleyError(
        'conflict',
        `The database is not empty: there are rows in ${table}. Restore into a new database, or delete everything in this one with --force`,
      );
    }
  }
  if (present !== version) await dropTables(tx, there);
  else if (there.length > 0) {
    await tx.execute(
      sql`truncate ${sql.join(
        there.map((table) => sql.identifier(table)),
        sql`, `,
      )}`,
    );
  }
}

async function setSequence(tx: Db, place: string, last: string): Promise<void> {
  const [table = '', column = ''] = place.split('.');
  await tx.execute(sql`select setval(pg_get_serial_sequence(quote_ident(${table}), ${column}), ${last}::bigint)`);
}

/** The operator's configuration file as it was; undefined: there was none. */
export async function readConfiguration(
  place: BackupPlace,
  key: BackupKey,
  manifest: KnownManifest,
): Promise<string | undefined> {
  if (!manifest.configuration) return undefined;
  const lines: string[] = [];
  for await (const batch of readLines(shelfOf(place, key, manifest), 'configuration', manifest.configuration)) {
    lines.push(...batch);
  }
  const text: unknown = JSON.parse(lines.join('\n'));
  return typeof text === 'string' ? text : undefined;
}
