import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { guarded } from './errors.ts';
import { isAmongNewest, type PageOptions } from './newest.ts';
import type { Store } from './open.ts';
import { audit } from './schema.ts';

export interface AuditListRow {
  tenant: string;
  seq: number;
  at: Date;
  actor: string;
  action: string;
  target: string;
  /** Null when it was erased, or there was none. */
  detail: unknown;
}

export interface AuditFilters {
  actor?: string | undefined;
  /** With a `*` at the end: the beginning. */
  action?: string | undefined;
  target?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

export interface AuditPlace {
  at: number;
  tenant: string;
  seq: number;
}

/** Records of these tenants' chains, newest first. */
export function listAudit(
  { db }: Store,
  tenants: readonly string[],
  filters: AuditFilters,
  { limit, after }: PageOptions<AuditPlace>,
): Promise<AuditListRow[]> {
  return guarded('reading the audit log', async () => {
    if (tenants.length === 0) return [];
    const { tenant, seq, at } = audit;
    const wanted = and(...conditionsOf(filters), isPast(after));
    const rows = await db
      .select({
        tenant,
        seq,
        at,
        actor: audit.actor,
        action: audit.action,
        target: audit.target,
        detail: audit.detail,
      })
      .from(audit)
      .where(isAmongNewest({ table: audit, tenant, id: seq, at, tenants, wanted, limit }))
      .orderBy(desc(at), desc(seq), desc(tenant));
    return rows.map(({ detail, ...row }) => ({ ...row, detail: detail === null ? null : JSON.parse(detail) }));
  });
}

function isPast(place: AuditPlace | undefined): SQL | undefined {
  if (!place) return undefined;
  const moment = sql`${new Date(place.at).toISOString()}::timestamptz`;
  return sql`(${audit.at} <= ${moment} and (${audit.at} < ${moment}
    or (${audit.seq}, ${audit.tenant}) < (${place.seq}::bigint, ${place.tenant}::text)))`;
}

function conditionsOf({ actor, action, target, from, to }: AuditFilters): (SQL | undefined)[] {
  return [
    actor === undefined ? undefined : eq(audit.actor, actor),
    matches(audit.action, action),
    matches(audit.target, target),
    from && gte(audit.at, from),
    to && lt(audit.at, to),
  ];
}

function matches(column: AnyPgColumn, pattern: string | undefined): SQL | undefined {
  if (pattern === undefined) return undefined;
  return pattern.endsWith('*') ? sql`starts_with(${column}, ${pattern.slice(0, -1)})` : eq(column, pattern);
}
