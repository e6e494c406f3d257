import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { toStorableJson } from './storable.ts';

/**
 * `insert into TABLE (…) select … from json`: any number of rows in one parameter. A statement with a parameter for
 * every value costs more to put together than all else that is done with a finished turn.
 *
 * @param rows at least one; what one leaves out and others have is null, and text that Postgres cannot keep is made storable
 */
export function insertRows<Table extends PgTable>(table: Table, rows: readonly Table['$inferInsert'][]): SQL {
  // Only the table's own: rows that were written by a newer hub may say more.
  const columns = Object.entries(getTableColumns(table)).filter(([property]) => rows.some((row) => property in row));
  const names = columns.map(([property, { name }]) => [property, name] as const);
  const records = rows.map((row) => {
    const record: Record<string, unknown> = {};
    for (const [property, name] of names) record[name] = row[property as keyof typeof row];
    return record;
  });
  const list = sql.join(
    names.map(([, name]) => sql.identifier(name)),
    sql`, `,
  );
  const { name } = getTableConfig(table);
  const from = sql`json_populate_recordset(null::${sql.identifier(name)}, ${toStorableJson(records)}::json)`;
  return sql`insert into ${sql.identifier(name)} (${list}) select ${list} from ${from}`;
}

/** Rows that a statement returns, whichever driver ran it. */
export function rowsOf<Row>(result: unknown): Row[] {
  return (result as { rows: Row[] }).rows;
}
