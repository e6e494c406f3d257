import { and, eq, inArray, lt, sql } from 'drizzle-orm';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import { messages, type TurnKind, turns } from './schema.ts';

const DAY_MS = 86_400_000;
const BATCH = 1_000;

/** Deletes what was said before each tenant's days; the turns stay, without words. Returns how many messages went. */
export function pruneTranscripts(
  store: Store,
  tenants: readonly { tenant: string; days: number }[],
  now: number,
): Promise<number> {
  return guarded('deleting old transcripts', async () => {
    let deleted = 0;
    for (const { tenant, days } of tenants) {
      const before = new Date(now - days * DAY_MS);
      for (;;) {
        const old = store.db
          .select({ id: messages.id })
          .from(messages)
          .where(and(eq(messages.tenant, tenant), lt(messages.createdAt, before)))
          .limit(BATCH);
        const gone = await store.db.delete(messages).where(inArray(messages.id, old)).returning({ id: messages.id });
        deleted += gone.length;
        if (gone.length < BATCH) break;
      }
    }
    return deleted;
  });
}

/** Deletes all that one person said and was told, by pseudonym. Returns how many messages went. */
export function eraseMessagesOf(store: Store, tenant: string, user: string): Promise<number> {
  return guarded('erasing a person', async () => {
    const theirs = store.db
      .select({ id: turns.id })
      .from(turns)
      .where(and(eq(turns.tenant, tenant), eq(turns.user, user)));
    const gone = await store.db
      .delete(messages)
      .where(and(eq(messages.tenant, tenant), inArray(messages.turn, theirs)))
      .returning({ id: messages.id });
    return gone.length;
  });
}

export interface TurnStory {
  id: string;
  tenant: string;
  channel: string;
  platform: string;
  conversation: string;
  user: string;
  kind: TurnKind;
  model: string | null;
  status: 'success' | 'denied' | 'failed';
  errorCode: string | null;
  tokensIn: number;
  tokensOut: number;
  costMicroUsd: number;
  responseMs: number;
  attempts: number;
  createdAt: Date;
  timeline: unknown[];
}

/** One turn with its timeline; undefined when there is none. */
export function loadTurn(store: Store, id: string): Promise<TurnStory | undefined> {
  return guarded('loading a turn', async () => {
    const [found] = await store.db.select().from(turns).where(sql`${turns.id} = ${id}`).limit(1);
    return found;
  });
}
