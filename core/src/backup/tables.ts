import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import * as schema from '../store/schema.ts';

export interface BackedUpTable {
  name: string;
  /** Columns of the primary key, in order. */
  key: string[];
}

/** Every table of the hub, those that others refer to first. */
export function tablesInOrder(): BackedUpTable[] {
  const all = Object.values(schema)
    .filter((value) => is(value, PgTable))
    .map((table) => getTableConfig(table));
  const ordered: typeof all = [];
  while (ordered.length < all.length) {
    const done = new Set(ordered.map(({ name }) => name));
    const next = all.filter(
      ({ name, foreignKeys }) =>
        !done.has(name) && foreignKeys.every((key) => done.has(getTableConfig(key.reference().foreignTable).name)),
    );
    if (next.length === 0) throw new Error('tables refer to each other in a circle');
    ordered.push(...next);
  }
  return ordered.map(({ name, columns, primaryKeys }) => {
    const composite = primaryKeys[0]?.columns.map((column) => column.name);
    const key = composite ?? columns.filter(({ primary }) => primary).map((column) => column.name);
    if (key.length === 0) throw new Error(`table ${name} has no primary key`);
    return { name, key };
  });
}
