import { sql } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import type { Db } from '../store/index.ts';
import { readLines, type Shelf } from './files.ts';
import type { TableEntry } from './manifest.ts';
import { countRows } from './snapshot.ts';

/** A table in one backup of a chain. */
export interface TableVersion {
  table: TableEntry;
  shelf: Shelf;
}

/** The keys of the rows that are left of the older backups; gone with the transaction. */
const LEFT = sql.identifier('parley_rows_left');

/**
 * Fills an empty table from a chain of backups. The newest comes first: a row that is there already is a newer state of
 * the same row, and one whose key is not among those that were left has been deleted since.
 *
 * @param versions the newest first
 * @returns how many rows there are now
 * @throws ParleyError `invalid_request` when these are not as many as the newest backup says
 */
export async function loadTable(tx: Db, versions: readonly TableVersion[]): Promise<number> {
  const [newest] = versions;
  if (!newest) return 0;
  const { name, key, total } = newest.table;
  let isFiltered = false;
  for (const { table, shelf } of versions) {
    for await (const batch of readLines(shelf, name, table.rows)) await insertRows(tx, table, batch, isFiltered);
    if (!table.keys || isFiltered) continue;
    await readKeys(tx, shelf, table);
    isFiltered = true;
  }
  if (isFiltered) await tx.execute(sql`drop table ${LEFT}`);
  const loaded = await countRows(tx, name);
  if (loaded === total) return loaded;
  throw new ParleyError(
    'invalid_request',
    `Backup ${newest.shelf.folder}: ${name} has ${loaded} rows (by ${key.join(', ')}) instead of ${total}; was an older copy of the database put back between two backups?`,
  );
}

async function insertRows(
  tx: Db,
  { name, key }: TableEntry,
  lines: readonly string[],
  isFiltered: boolean,
): Promise<void> {
  const table = sql.identifier(name);
  const where = isFiltered ? sql`where exists (select from ${LEFT} l where ${sameKey(key)})` : sql``;
  // Also the numbers that the database gives by itself stay as they were.
  await tx.execute(sql`insert into ${table} overriding system value
    select r.* from json_populate_recordset(null::${table}, ${`[${lines.join(',')}]`}::json) r ${where}
    on conflict do nothing`);
}

async function readKeys(tx: Db, shelf: Shelf, { name, key, keys }: TableEntry): Promise<void> {
  if (!keys) return;
  const columns = sql.join(
    key.map((column) => sql.identifier(column)),
    sql`, `,
  );
  await tx.execute(sql`create temporary table ${LEFT} on commit drop as
    select ${columns} from ${sql.identifier(name)} with no data`);
  for await (const batch of readLines(shelf, `${name}.keys`, keys)) {
    await tx.execute(sql`insert into ${LEFT}
      select * from json_populate_recordset(null::${LEFT}, ${`[${batch.join(',')}]`}::json)`);
  }
  await tx.execute(sql`create index on ${LEFT} (${columns})`);
  await tx.execute(sql`analyze ${LEFT}`);
}

function sameKey(key: readonly string[]) {
  const pairs = key.map((column) => sql`l.${sql.identifier(column)} = r.${sql.identifier(column)}`);
  return sql.join(pairs, sql` and `);
}
