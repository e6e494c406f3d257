import { and, asc, avg, count, desc, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { Sealer } from '../secrets/index.ts';
import { openAttached, openContent } from './content.ts';
import { guarded } from './errors.ts';
import { isAfter, isAmongNewest, type PageOptions } from './newest.ts';
import type { Store } from './open.ts';
import { messages, turns } from './schema.ts';

/** A turn without its timeline and its words. */
export type TurnListRow = Omit<typeof turns.$inferSelect, 'timeline' | 'finishedAt'>;

export interface TurnFilters {
  channel?: string | undefined;
  platform?: string | undefined;
  status?: TurnListRow['status'] | undefined;
  kind?: TurnListRow['kind'] | undefined;
  model?: string | undefined;
  user?: string | undefined;
  errorCode?: string | undefined;
  conversation?: string | undefined;
  /** Beginning of the id. */
  idPrefix?: string | undefined;
  minResponseMs?: number | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

const COLUMNS = {
  id: turns.id,
  tenant: turns.tenant,
  channel: turns.channel,
  platform: turns.platform,
  conversation: turns.conversation,
  user: turns.user,
  kind: turns.kind,
  model: turns.model,
  status: turns.status,
  errorCode: turns.errorCode,
  tokensIn: turns.tokensIn,
  tokensOut: turns.tokensOut,
  costMicroUsd: turns.costMicroUsd,
  responseMs: turns.responseMs,
  attempts: turns.attempts,
  createdAt: turns.createdAt,
};

/** Turns of these tenants, newest first. */
export function listTurns(
  { db }: Store,
  tenants: readonly string[],
  filters: TurnFilters,
  { limit, after }: PageOptions,
): Promise<TurnListRow[]> {
  return guarded('listing turns', async () => {
    if (tenants.length === 0) return [];
    const wanted = and(...conditionsOf(filters), isAfter(turns.createdAt, turns.id, after));
    const { tenant, id, createdAt: at } = turns;
    return db
      .select(COLUMNS)
      .from(turns)
      .where(isAmongNewest({ table: turns, tenant, id, at, tenants, wanted, limit }))
      .orderBy(desc(at), desc(id));
  });
}

export interface ErrorCount {
  /** Null: turns that ended without one. */
  errorCode: string | null;
  turns: number;
  meanResponseMs: number;
}

/** How many of these turns ended with which error, the most frequent first. */
export function countTurnsByError(
  { db }: Store,
  tenants: readonly string[],
  filters: TurnFilters & { from: Date },
  limit: number,
): Promise<ErrorCount[]> {
  return guarded('counting turns by error', async () => {
    if (tenants.length === 0) return [];
    const rows = await db
      .select({ errorCode: turns.errorCode, turns: count(), mean: avg(turns.responseMs) })
      .from(turns)
      .where(and(inArray(turns.tenant, [...tenants]), ...conditionsOf(filters)))
      .groupBy(turns.errorCode)
      .orderBy(desc(count()), asc(turns.errorCode))
      .limit(limit);
    return rows.map(({ mean, ...row }) => ({ ...row, meanResponseMs: Math.round(Number(mean)) }));
  });
}

function conditionsOf(filters: TurnFilters): (SQL | undefined)[] {
  const { channel, platform, status, kind, model, user, errorCode, conversation } = filters;
  const exact = { channel, platform, status, kind, model, user, errorCode, conversation };
  const { idPrefix, minResponseMs, from, to } = filters;
  return [
    ...Object.entries(exact).map(([name, value]) =>
      value === undefined ? undefined : eq(turns[name as keyof typeof exact], value),
    ),
    idPrefix === undefined ? undefined : sql`starts_with(${turns.id}, ${idPrefix})`,
    minResponseMs === undefined ? undefined : gte(turns.responseMs, minResponseMs),
    from && gte(turns.createdAt, from),
    to && lt(turns.createdAt, to),
  ];
}

/** What was said in one turn. */
export interface TurnWords {
  question: string | undefined;
  answer: string | undefined;
  /** What was stored with the question: where it stood. */
  anchor: unknown;
}

/** The words of a turn, as far as they are kept. */
export function loadTurnWords({ db }: Store, sealer: Sealer, tenant: string, turn: string): Promise<TurnWords> {
  return guarded('loading the words of a turn', async () => {
    const rows = await db
      .select({ role: messages.role, content: messages.content, conversation: messages.conversation })
      .from(messages)
      .where(and(eq(messages.tenant, tenant), eq(messages.turn, turn)))
      .orderBy(asc(messages.id));
    const open = (role: 'user' | 'assistant') => {
      const found = rows.find((row) => row.role === role);
      return found && openContent(sealer, tenant, found.conversation, found.content);
    };
    const asked = rows.find(({ role }) => role === 'user');
    const anchor = asked && openAttached(sealer, tenant, asked.conversation, asked.content);
    return { question: open('user'), answer: open('assistant'), anchor };
  });
}

/** The platform on which a person was last seen; undefined: never. */
export function lastPlatformOf({ db }: Store, tenant: string, user: string): Promise<string | undefined> {
  return guarded('looking for a person', async () => {
    const [found] = await db
      .select({ platform: turns.platform })
      .from(turns)
      .where(and(eq(turns.tenant, tenant), eq(turns.user, user)))
      .orderBy(desc(turns.createdAt))
      .limit(1);
    return found?.platform;
  });
}
