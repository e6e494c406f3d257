import { type SQL, sql } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import type { Db } from '../store/index.ts';

/** Rows on their way from the database at a time: so many, and fewer where they are long. */
const FETCH_ROWS = 200;
const FETCH_FIRST = 10;
const FETCH_CHARACTERS = 1_000_000;

/** The database as it was at one moment, for as long as its transaction lasts. */
export interface Snapshot {
  /** ISO 8601. */
  takenAt: string;
  identity: string;
  /** The oldest transaction that is not in the snapshot as a whole, and the next one; with their epoch. */
  xmin: bigint;
  next: bigint;
}

/** What a statement returns, whichever driver ran it. */
export async function rowsOf<Row>(db: Db, query: SQL): Promise<Row[]> {
  const result: unknown = await db.execute(query);
  return (result as { rows: Row[] }).rows;
}

/** Begins a snapshot inside a transaction that is read-only and repeatable. */
export async function readSnapshot(tx: Db): Promise<Snapshot> {
  // Times are printed in this zone; and a backup may take longer than a request.
  await tx.execute(sql`set local timezone to 'UTC'`);
  await tx.execute(sql`set local statement_timeout to 0`);
  await tx.execute(sql`set local idle_in_transaction_session_timeout to 0`);
  const [found] = await rowsOf<{ at: string; identity: string; xmin: string; next: string }>(
    tx,
    sql`select to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
      pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
      pg_snapshot_xmax(pg_current_snapshot())::text as next,
      concat_ws('/',
        (select system_identifier from pg_control_system()),
        (select timeline_id from pg_control_checkpoint()),
        (select oid from pg_database where datname = current_database())) as identity`,
  );
  if (!found) throw new Error('the database says nothing about itself');
  return { takenAt: found.at, identity: found.identity, xmin: BigInt(found.xmin), next: BigInt(found.next) };
}

/** Numbers of transactions turn over after 2³²; beyond half of that old and new cannot be told apart. */
const MAX_AGE = 2_000_000_000n;

/** Whether rows that were written since a transaction can be told from older ones. */
export function canTellSince(snapshot: Snapshot, xmin: bigint): boolean {
  return xmin <= snapshot.xmin && snapshot.next - xmin < MAX_AGE;
}

/**
 * The rows of a table as JSON, one line each, some at a time. What JavaScript would round or reorder is never parsed.
 *
 * @param options.since only rows that were written, or changed, by this transaction or a later one
 * @param options.columns only these
 * @param options.orderBy expressions over `t`, a row of the table
 */
export async function* readRows(
  tx: Db,
  table: string,
  options: {
    since?: bigint | undefined;
    columns?: readonly string[] | undefined;
    orderBy?: SQL | undefined;
    signal?: AbortSignal | undefined;
  } = {},
): AsyncGenerator<string[]> {
  const { since, columns, orderBy, signal } = options;
  const name = sql.identifier(table);
  const row = columns ? sql`(select r from (select ${sql.join(columns.map(columnOf), sql`, `)}) r)` : sql`t`;
  // The oldest rows of all are frozen, and have the greatest age.
  const limit = since === undefined ? undefined : String(BigInt.asUintN(32, since));
  const where = limit === undefined ? sql`` : sql`where age(t.xmin) <= age(${sql.raw(`'${limit}'`)}::xid)`;
  const order = orderBy ? sql`order by ${orderBy}` : sql``;
  await tx.execute(sql`declare parley_backup no scroll cursor for
    select row_to_json(${row})::text as line from ${name} t ${where} ${order}`);
  for (let count = FETCH_FIRST; ; ) {
    if (signal?.aborted) throw new ParleyError('unavailable', 'The backup was given up');
    const rows = await rowsOf<{ line: string }>(tx, sql.raw(`fetch ${count} from parley_backup`));
    if (rows.length === 0) break;
    const lines = rows.map(({ line }) => line);
    yield lines;
    const average = lines.reduce((sum, { length }) => sum + length, 0) / lines.length;
    count = Math.max(1, Math.min(FETCH_ROWS, Math.floor(FETCH_CHARACTERS / average)));
  }
  await tx.execute(sql`close parley_backup`);
}

const columnOf = (column: string) => sql`t.${sql.identifier(column)}`;

export async function countRows(tx: Db, table: string): Promise<number> {
  const [found] = await rowsOf<{ total: string }>(
    tx,
    sql`select count(*)::text as total from ${sql.identifier(table)}`,
  );
  return Number(found?.total ?? 0);
}

/** How far the numbers of new rows have got: `TABLE.COLUMN` → the last one that was given. */
export async function readSequences(tx: Db, tables: readonly string[]): Promise<Record<string, string>> {
  const columns = await rowsOf<{ table: string; column: string; sequence: string }>(
    tx,
    sql`select c.relname as "table", a.attname as "column",
        pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where a.attidentity <> '' and c.oid in (${sql.join(
        tables.map((table) => sql`to_regclass(${table})`),
        sql`, `,
      )})`,
  );
  const sequences: Record<string, string> = {};
  for (const { table, column, sequence } of columns) {
    const [found] = await rowsOf<{ last: string | null }>(
      tx,
      sql`select case when is_called then last_value::text end as last from ${sql.raw(sequence)}`,
    );
    if (found?.last) sequences[`${table}.${column}`] = found.last;
  }
  return sequences;
}

/** Names of the master keys under which secrets of the configuration and of people are sealed. */
export async function readMasterKeys(tx: Db): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select distinct split_part(sealed, '.', 2) as id from (
        select sealed from channels union all select sealed from models union all select sealed from signing_keys
        union all select sealed_totp from users union all select sealed_signing_secret from api_keys
        union all (select content from messages order by id desc limit 1000)
      ) s where sealed like 'v1.%' order by 1`,
  );
  return rows.map(({ id }) => id);
}
