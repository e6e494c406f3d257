import { type AnyColumn, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/** Where a page of a list ends: the next one begins after it. */
export interface ListPlace {
  /** Unix ms. */
  at: number;
  id: string;
}

export interface PageOptions<Place = ListPlace> {
  /** Rows at most. */
  limit: number;
  after?: Place | undefined;
}

export interface NewestOptions {
  table: PgTable;
  tenant: AnyColumn;
  id: AnyColumn;
  at: AnyColumn;
  tenants: readonly string[];
  wanted: SQL | undefined;
  limit: number;
}

/**
 * Picks the newest rows of several tenants. Each tenant's come from the index over tenant and time, however many others
 * there are, and nothing else is read. At least one tenant.
 */
export function isAmongNewest({ table, tenant, id, at, tenants, wanted, limit }: NewestOptions): SQL {
  const list = sql.join(
    tenants.map((one) => sql`(${one}::text)`),
    sql`, `,
  );
  const page = sql`select ${tenant} as tenant, ${id} as id, ${at} as at from ${table}
    where ${tenant} = wanted.tenant and ${wanted ?? sql`true`}
    order by ${at} desc, ${id} desc limit ${limit}`;
  return sql`(${tenant}, ${id}) in (
    select page.tenant, page.id from (values ${list}) as wanted (tenant) cross join lateral (${page}) as page
    order by page.at desc, page.id desc limit ${limit})`;
}

/** Rows that come after a place in a list that is newest first. */
export function isAfter(at: AnyColumn, id: AnyColumn, place: { at: number; id: string | number } | undefined) {
  if (!place) return undefined;
  const moment = sql`${new Date(place.at).toISOString()}::timestamptz`;
  // The first half is what an index can begin at.
  return sql`(${at} <= ${moment} and (${at} < ${moment} or ${id} < ${place.id}))`;
}
