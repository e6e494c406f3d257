import { and, asc, eq, gt, lt, max, sql } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { audit, auditChains, turns } from '../store/schema.ts';
import { eraseMessagesOf } from '../store/transcripts.ts';
import { type AuditEntry, type AuditRecord, faultOf, GENESIS, makeRecord } from './record.ts';

export interface AuditFault {
  tenant: string;
  seq: number;
  fault: string;
}

/** The audit log: a chain of hashes for each tenant, so that no record can be changed, put in or taken out unnoticed. */
export interface Audit {
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** The first broken record of each chain (of one tenant's, if named), and how many records hold. */
  verify(tenant?: string): Promise<{ faults: AuditFault[]; records: number }>;
  /** All records of a tenant as JSON Lines, oldest first. */
  exportLines(tenant: string): AsyncGenerator<string>;
  /** Whether the database lets this process delete and change records, and not only add some. */
  mayChange(): Promise<boolean>;
  /** Deletes records older than each tenant's days; the rest still hangs together. Returns how many went. */
  prune(tenants: readonly { tenant: string; days: number }[], now: number): Promise<number>;
  /**
   * Erases what one user said and was told, and the details of records about them; the chain holds.
   *
   * @throws ParleyError `forbidden` where the database lets this process only add records
   */
  eraseUser(tenant: string, user: string, actor: string): Promise<{ messages: number; records: number }>;
}

const PAGE = 500;
const DAY_MS = 86_400_000;

export function createAudit(store: Store): Audit {
  const { db } = store;

  function append(entries: readonly AuditEntry[]): Promise<void> {
    return guarded('writing the audit log', () => db.transaction((tx) => appendAudit(tx, entries)));
  }

  async function* pages(tenant: string, after = 0): AsyncGenerator<AuditRecord[]> {
    for (let last = after; ; ) {
      const page = await guarded('reading the audit log', () =>
        db
          .select()
          .from(audit)
          .where(and(eq(audit.tenant, tenant), gt(audit.seq, last)))
          .orderBy(asc(audit.seq))
          .limit(PAGE),
      );
      if (page.length === 0) return;
      yield page;
      last = page.at(-1)?.seq ?? last;
    }
  }

  async function verifyChain(chain: typeof auditChains.$inferSelect): Promise<{ fault?: AuditFault; records: number }> {
    const { tenant, lastSeq, lastHash, anchorSeq, anchorHash } = chain;
    let [seq, hash, records] = [anchorSeq, anchorHash, 0];
    for await (const page of pages(tenant)) {
      for (const record of page) {
        const fault = faultOf(record, seq + 1, hash);
        if (fault) return { fault: { tenant, seq: seq + 1, fault }, records };
        [seq, hash, records] = [record.seq, record.hash, records + 1];
      }
    }
    if (seq === lastSeq && hash === lastHash) return { records };
    return { fault: { tenant, seq: seq + 1, fault: `record ${seq + 1} is missing at the end` }, records };
  }

  const mayChange = () =>
    guarded('asking what is allowed', async () => {
      const [found] = await db
        .select({
          may: sql<boolean>`has_table_privilege('audit', 'delete') and has_table_privilege('audit', 'update')`,
        })
        .from(sql`(select 1) as one`);
      return found?.may === true;
    });

  return {
    append,
    mayChange,

    async verify(tenant) {
      const chains = await guarded('reading the audit log', () =>
        db
          .select()
          .from(auditChains)
          .where(tenant === undefined ? undefined : eq(auditChains.tenant, tenant)),
      );
      const results = [];
      for (const chain of chains) results.push(await verifyChain(chain));
      return {
        faults: results.flatMap(({ fault }) => fault ?? []),
        records: results.reduce((sum, { records }) => sum + records, 0),
      };
    },

    async *exportLines(tenant) {
      for await (const page of pages(tenant)) {
        for (const { detail, salt: _, ...record } of page) {
          yield JSON.stringify({
            ...record,
            at: record.at.toISOString(),
            detail: detail === null ? null : JSON.parse(detail),
          });
        }
      }
    },

    prune: (tenants, now) =>
      guarded('deleting old audit records', async () => {
        let gone = 0;
        for (const { tenant, days } of tenants) {
          gone += await db.transaction((tx) => pruneChain(tx, tenant, new Date(now - days * DAY_MS)));
        }
        return gone;
      }),

    async eraseUser(tenant, user, actor) {
      if (!(await mayChange())) {
        throw new ParleyError(
          'forbidden',
          'This process may only add to the audit log: run parley audit erase-user as the owner of the tables',
        );
      }
      const messages = await eraseMessagesOf(store, tenant, user);
      const records = await guarded('erasing a person', async () => {
        await db
          .update(turns)
          .set({ timeline: [] })
          .where(and(eq(turns.tenant, tenant), eq(turns.user, user)));
        const about = and(eq(audit.tenant, tenant), eq(audit.actor, user));
        const erased = await db
          .update(audit)
          .set({ detail: null, salt: null })
          .where(about)
          .returning({ seq: audit.seq });
        return erased.length;
      });
      await append([
        { tenant, actor, action: 'user:erase', target: user, detail: { messages, records }, at: Date.now() },
      ]);
      return { messages, records };
    },
  };
}

/** Appends inside a transaction of its caller, so that what is written together stands or falls together. */
export async function appendAudit(tx: Db, entries: readonly AuditEntry[]): Promise<void> {
  // One order of tenants everywhere: two processes wait for each other instead of dead-locking.
  const tenants = [...new Set(entries.map(({ tenant }) => tenant))].sort();
  for (const tenant of tenants) {
    const chain = await lockChain(tx, tenant);
    let [seq, hash] = [chain.lastSeq, chain.lastHash];
    const records = entries
      .filter((entry) => entry.tenant === tenant)
      .map((entry) => {
        const record = makeRecord(entry, seq + 1, hash);
        [seq, hash] = [record.seq, record.hash];
        return record;
      });
    for (let start = 0; start < records.length; start += PAGE) {
      await tx.insert(audit).values(records.slice(start, start + PAGE));
    }
    await tx.update(auditChains).set({ lastSeq: seq, lastHash: hash }).where(eq(auditChains.tenant, tenant));
  }
}

/** One writer at a time for each chain. */
async function lockChain(tx: Db, tenant: string): Promise<typeof auditChains.$inferSelect> {
  const fresh = { tenant, lastSeq: 0, lastHash: GENESIS, anchorSeq: 0, anchorHash: GENESIS };
  await tx.insert(auditChains).values(fresh).onConflictDoNothing();
  const [chain] = await tx.select().from(auditChains).where(eq(auditChains.tenant, tenant)).for('update');
  return chain ?? fresh;
}

async function pruneChain(tx: Db, tenant: string, before: Date): Promise<number> {
  const old = and(eq(audit.tenant, tenant), lt(audit.at, before));
  async function newestOld(): Promise<number | null> {
    const [newest] = await tx
      .select({ seq: max(audit.seq) })
      .from(audit)
      .where(old);
    return newest?.seq ?? null;
  }
  if ((await newestOld()) === null) return 0;
  await lockChain(tx, tenant);
  // Looked at again: whoever had the lock may have deleted the same records, and the chain would hang on nothing.
  const newest = await newestOld();
  if (newest === null) return 0;
  // By number and not by time alone: what is kept has no gaps.
  const upTo = and(eq(audit.tenant, tenant), sql`${audit.seq} <= ${newest}`);
  const [last] = await tx
    .select({ hash: audit.hash })
    .from(audit)
    .where(and(eq(audit.tenant, tenant), eq(audit.seq, newest)));
  const gone = await tx.delete(audit).where(upTo).returning({ seq: audit.seq });
  await tx
    .update(auditChains)
    .set({ anchorSeq: newest, anchorHash: last?.hash ?? GENESIS })
    .where(eq(auditChains.tenant, tenant));
  return gone.length;
}
