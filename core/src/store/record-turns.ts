import { sql } from 'drizzle-orm';
import { appendAudit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/record.ts';
import type { Platform } from '../message/index.ts';
import { guarded } from './errors.ts';
import { insertRows, rowsOf } from './insert-rows.ts';
import type { Db, Store } from './open.ts';
import { conversations, messages, type TurnKind, turns } from './schema.ts';
import { storableWhole } from './storable.ts';

/** One finished turn as it is kept: what the log line says, and what was said. Times are Unix milliseconds. */
export interface TurnRecord {
  /** The request id; a turn is stored once under it. */
  id: string;
  tenant: string;
  /** Id of the channel, or of the API key where `platform` is `api`. */
  channel: string;
  platform: Platform | 'api';
  conversation: string;
  chatKind: 'direct' | 'group';
  /** Pseudonym of the person, as in the log line's `user_id`. */
  user: string;
  /** What answered; a conversation remembers `model` and `cache` turns since its last `reset`. */
  kind: TurnKind;
  /** Absent when no model answered. */
  model?: string | undefined;
  status: 'success' | 'denied' | 'failed';
  errorCode?: string | undefined;
  tokensIn: number;
  tokensOut: number;
  /** Millionths of a US dollar, a whole number. */
  costMicroUsd: number;
  /** From the event's arrival to the platform's acceptance of the final reply. */
  responseMs: number;
  /** Calls to models. */
  attempts: number;
  createdAt: number;
  finishedAt: number;
  /** The words of the turn; absent where they must not be kept. */
  question?: string | undefined;
  answer?: string | undefined;
  /** The turn's decisions in order, as JSON. */
  timeline: unknown[];
}

/** Rows of one statement: a statement that is repeated after a failure shall not be a large one. */
const BATCH = 500;

/**
 * Stores finished turns with their messages and conversations, all in one transaction. A turn that is stored already
 * is left as it is, so a batch may be repeated when its outcome was not known. Returns how many turns were new.
 */
export function recordTurns(store: Store, records: readonly TurnRecord[]): Promise<number> {
  // One order everywhere: two processes that store the same rows wait for each other instead of dead-locking.
  const sorted = [...records].sort((a, b) => compareText(a.id, b.id));
  return guarded('storing turns', () =>
    store.db.transaction(async (tx) => {
      await upsertConversations(tx, sorted);
      const stored = new Set<string>();
      for (let start = 0; start < sorted.length; start += BATCH) {
        for (const id of await insertTurns(tx, sorted.slice(start, start + BATCH))) stored.add(id);
      }
      // In the same transaction: a batch that is repeated tells of no denial twice, and of each once.
      const denied = sorted.filter(({ id, status }) => status === 'denied' && stored.has(id));
      if (denied.length > 0) await appendAudit(tx, denied.map(denialOf));
      return stored.size;
    }),
  );
}

async function upsertConversations(tx: Db, records: TurnRecord[]): Promise<void> {
  const rows = new Map<string, typeof conversations.$inferInsert>();
  for (const record of records) {
    const key = JSON.stringify([record.tenant, record.conversation]);
    const known = rows.get(key);
    rows.set(key, {
      tenant: record.tenant,
      id: record.conversation,
      channel: record.channel,
      platform: record.platform,
      chatKind: record.chatKind,
      createdAt: earlier(known?.createdAt, new Date(record.createdAt)),
      lastAt: later(known?.lastAt, new Date(record.finishedAt)),
    });
  }
  const sorted = [...rows].sort(([a], [b]) => compareText(a, b)).map(([, row]) => row);
  for (let start = 0; start < sorted.length; start += BATCH) {
    await tx.execute(
      sql`${insertRows(conversations, sorted.slice(start, start + BATCH))} on conflict (tenant, id) do update set
        created_at = least(conversations.created_at, excluded.created_at),
        last_at = greatest(conversations.last_at, excluded.last_at)`,
    );
  }
}

function denialOf({ tenant, user, id, errorCode, kind, platform, channel, finishedAt }: TurnRecord): AuditEntry {
  const detail = { reason: errorCode, by: kind, platform, channel };
  return { tenant, actor: user, action: 'turn:denied', target: id, detail, at: finishedAt };
}

async function insertTurns(tx: Db, records: TurnRecord[]): Promise<string[]> {
  const statement = sql`${insertRows(turns, records.map(turnRow))} on conflict do nothing returning id`;
  const inserted = rowsOf<{ id: string }>(await tx.execute(statement));
  const fresh = new Set(inserted.map(({ id }) => id));
  const rows = records.flatMap((record) => (fresh.delete(record.id) ? messageRows(record) : []));
  if (rows.length > 0) await tx.execute(insertRows(messages, rows));
  return inserted.map(({ id }) => id);
}

function turnRow(record: TurnRecord): typeof turns.$inferInsert {
  return {
    id: record.id,
    tenant: record.tenant,
    channel: record.channel,
    platform: record.platform,
    conversation: record.conversation,
    user: record.user,
    kind: record.kind,
    model: record.model ?? null,
    status: record.status,
    errorCode: record.errorCode ?? null,
    tokensIn: storableWhole(record.tokensIn, MAX_INTEGER),
    tokensOut: storableWhole(record.tokensOut, MAX_INTEGER),
    costMicroUsd: storableWhole(record.costMicroUsd, Number.MAX_SAFE_INTEGER),
    responseMs: storableWhole(record.responseMs, MAX_INTEGER),
    attempts: storableWhole(record.attempts, MAX_SMALL),
    createdAt: new Date(record.createdAt),
    finishedAt: new Date(record.finishedAt),
    timeline: record.timeline,
  };
}

function messageRows(record: TurnRecord): (typeof messages.$inferInsert)[] {
  const { tenant, conversation, id: turn } = record;
  const common = { tenant, conversation, turn, createdAt: new Date(record.createdAt) };
  const rows: (typeof messages.$inferInsert)[] = [];
  if (record.question !== undefined) rows.push({ ...common, role: 'user', content: record.question });
  if (record.answer !== undefined) rows.push({ ...common, role: 'assistant', content: record.answer });
  return rows;
}

const MAX_INTEGER = 2 ** 31 - 1;
const MAX_SMALL = 2 ** 15 - 1;

function earlier(a: Date | undefined, b: Date): Date {
  return a !== undefined && a < b ? a : b;
}

function later(a: Date | undefined, b: Date): Date {
  return a !== undefined && a > b ? a : b;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
