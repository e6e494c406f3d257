import { and, eq, inArray, isNotNull, lt, notExists, or, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import { accessTokens, apiKeys, conversations, ledger, tenants, turns, userSessions } from './schema.ts';

const DAY_MS = 86_400_000;
const BATCH = 1_000;
/** How long what has ended can still be looked up. */
const ENDED_DAYS = 90;

export interface KeptDays {
  tenant: string;
  /** Turns with their timelines; what was said in them goes with them. */
  turns: number;
  ledger: number;
}

export interface PrunedRecords {
  turns: number;
  conversations: number;
  ledger: number;
}

/** Deletes turns, conversations without turns, and the ledger's rows that are older than each tenant keeps them. */
export function pruneRecords(store: Store, kept: readonly KeptDays[], now: number): Promise<PrunedRecords> {
  const { db } = store;
  return guarded('deleting old records', async () => {
    const gone = { turns: 0, conversations: 0, ledger: 0 };
    for (const { tenant, turns: turnDays, ledger: ledgerDays } of kept) {
      const before = new Date(now - turnDays * DAY_MS);
      gone.turns += await inBatches(() => {
        const old = db
          .select({ id: turns.id })
          .from(turns)
          .where(and(eq(turns.tenant, tenant), lt(turns.createdAt, before)))
          .limit(BATCH);
        return db.delete(turns).where(inArray(turns.id, old)).returning({ id: turns.id });
      });
      const inIt = db
        .select({ one: sql`1` })
        .from(turns)
        .where(and(eq(turns.tenant, conversations.tenant), eq(turns.conversation, conversations.id)));
      const empty = and(eq(conversations.tenant, tenant), lt(conversations.lastAt, before), notExists(inIt));
      gone.conversations += (await db.delete(conversations).where(empty).returning({ id: conversations.id })).length;
      gone.ledger += await inBatches(() => {
        const old = db
          .select({ id: ledger.requestId })
          .from(ledger)
          .where(and(eq(ledger.tenant, tenant), lt(ledger.at, new Date(now - ledgerDays * DAY_MS))))
          .limit(BATCH);
        const these = and(eq(ledger.tenant, tenant), inArray(ledger.requestId, old));
        return db.delete(ledger).where(these).returning({ id: ledger.requestId });
      });
    }
    return gone;
  });
}

/** A statement at a time, so that nobody waits long for its locks. */
async function inBatches(work: () => Promise<unknown[]>): Promise<number> {
  for (let gone = 0; ; ) {
    const { length } = await work();
    gone += length;
    if (length < BATCH) return gone;
  }
}

/** Deletes what has ended long ago: sessions, tokens, revoked keys. Returns how many rows went. */
export function pruneEnded({ db }: Store, now: number): Promise<number> {
  return guarded('deleting what has ended', async () => {
    const before = new Date(now - ENDED_DAYS * DAY_MS);
    const count = async (table: PgTable, where: SQL | undefined) =>
      (await db.delete(table).where(where).returning({ one: sql`1` })).length;
    const ended = (table: typeof accessTokens | typeof apiKeys) =>
      or(
        and(isNotNull(table.revokedAt), lt(table.revokedAt, before)),
        and(isNotNull(table.expiresAt), lt(table.expiresAt, before)),
      );
    return (
      (await count(userSessions, lt(userSessions.expiresAt, new Date(now - DAY_MS)))) +
      (await count(accessTokens, ended(accessTokens))) +
      (await count(apiKeys, ended(apiKeys)))
    );
  });
}

/** How long each tenant keeps its audit log, as its configuration was last seen; tenants that are gone included. */
export function auditDays({ db }: Store): Promise<{ tenant: string; days: number }[]> {
  return guarded('reading what tenants keep', async () => {
    const days = sql<number>`(${tenants.settings} -> 'audit' ->> 'days')::int`.mapWith(Number);
    const rows = await db.select({ tenant: tenants.tenant, days }).from(tenants);
    return rows.filter((row) => row.days > 0);
  });
}
