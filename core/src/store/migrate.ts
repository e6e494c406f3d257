import { fileURLToPath } from 'node:url';
import { count, sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { bigint, pgSchema, serial, text } from 'drizzle-orm/pg-core';
import { ParleyError } from '../errors/index.ts';
import { guarded } from './errors.ts';
import { MIGRATION_LOCK } from './locks.ts';
import type { Db, Store } from './open.ts';

const MIGRATIONS = readMigrationFiles({ migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) });

/** The version this code works with: the number of its migrations. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The book that drizzle's own migrator keeps, so that its tools understand the database. */
const book = pgSchema('drizzle').table('__drizzle_migrations', {
  id: serial('id').primaryKey(),
  hash: text('hash').notNull(),
  createdAt: bigint('created_at', { mode: 'number' }),
});

/**
 * Brings the schema up to date and returns how many migrations that took. All in one transaction under a lock: of
 * several processes one migrates and the others wait, and a failure changes nothing. Drizzle's own migrator reads what
 * is there before its transaction begins, so two of them at once would both migrate.
 */
export function migrate(store: Store): Promise<number> {
  return guarded('migrating', () =>
    store.withoutLimits((db) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
        return migrateTo(tx, SCHEMA_VERSION);
      }),
    ),
  );
}

/** Inside a transaction that holds the lock: brings the schema up to a version, and returns how many steps that took. */
export async function migrateTo(tx: Db, target: number): Promise<number> {
  await tx.execute(sql`create schema if not exists drizzle`);
  await tx.execute(
    sql`create table if not exists ${book} (id serial primary key, hash text not null, created_at bigint)`,
  );
  const version = await readVersion(tx);
  refuseNewer(version);
  const pending = MIGRATIONS.slice(version, target);
  for (const migration of pending) {
    for (const statement of migration.sql) await tx.execute(sql.raw(statement));
    await tx.insert(book).values({ hash: migration.hash, createdAt: migration.folderMillis });
  }
  return pending.length;
}

/** Inside a transaction: takes the hub's tables away with all that is in them, so that it can be migrated from the beginning. */
export async function dropTables(tx: Db, tables: readonly string[]): Promise<void> {
  for (const table of tables) await tx.execute(sql`drop table if exists ${sql.identifier(table)} cascade`);
  await tx.execute(sql`drop table if exists ${book}`);
}

/** How many migrations the database has had; 0 for an empty one. */
export function schemaVersion(store: Store): Promise<number> {
  return guarded('reading the schema version', () => versionOf(store.db));
}

export async function versionOf(db: Db): Promise<number> {
  const [found] = await db
    .select({ there: sql<boolean>`to_regclass('drizzle.__drizzle_migrations') is not null` })
    .from(sql`(select 1) as one`);
  return found?.there ? readVersion(db) : 0;
}

/** Throws `unavailable`, with what to do, unless the schema is exactly the one this code works with. */
export async function assertSchema(store: Store): Promise<void> {
  const version = await schemaVersion(store);
  refuseNewer(version);
  refuseOlder(version);
}

/**
 * As `assertSchema`, for a process that runs already: a newer hub may have migrated the database under it. Migrations only
 * add (see migrations.test.ts), so it goes on serving until its turn to be replaced has come.
 */
export async function assertSchemaServes(store: Store): Promise<void> {
  refuseOlder(await schemaVersion(store));
}

function refuseOlder(version: number): void {
  if (version >= SCHEMA_VERSION) return;
  throw new ParleyError(
    'unavailable',
    `The database schema is at version ${version}, this hub needs ${SCHEMA_VERSION}: run parley migrate`,
  );
}

function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new ParleyError(
    'unavailable',
    `The database schema is at version ${version}, this hub knows ${SCHEMA_VERSION} only: a newer hub has migrated it. Update this one.`,
  );
}

async function readVersion(db: Db): Promise<number> {
  const [found] = await db.select({ version: count() }).from(book);
  return found?.version ?? 0;
}
