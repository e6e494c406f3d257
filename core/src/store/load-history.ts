import { and, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { ChatMessage } from '../provider/types.ts';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import { messages, turns } from './schema.ts';

/**
 * The last messages of a conversation, oldest first, for when the hot copy is lost: of the model's turns and a person's who took over, because
 * commands, refusals and failures are the hub's words and no part of the talk, and of those since the last reset. At
 * most `limit`, and starting with a question. `since` (Unix milliseconds): only turns that began after it. `open` makes the
 * stored content readable.
 */
export function loadHistory(
  store: Store,
  tenant: string,
  conversation: string,
  limit: number,
  since?: number,
  open: (content: string) => string = (content) => content,
): Promise<ChatMessage[]> {
  return guarded('loading a conversation', async () => {
    if (limit <= 0) return [];
    const rows = await store.db
      .select({ role: messages.role, content: messages.content })
      .from(messages)
      .innerJoin(turns, and(eq(turns.id, messages.turn), inArray(turns.kind, ['model', 'cache', 'human'])))
      .where(
        and(
          eq(messages.tenant, tenant),
          eq(messages.conversation, conversation),
          sql`${messages.createdAt} > ${lastReset(tenant, conversation)}`,
          since === undefined ? undefined : gt(messages.createdAt, new Date(since)),
        ),
      )
      // Within a turn the question was inserted first; the turn itself parts turns of the same millisecond.
      .orderBy(desc(messages.createdAt), desc(messages.turn), desc(messages.id))
      .limit(limit);
    const history = rows.reverse().map(({ role, content }) => ({ role, content: open(content) }));
    return history[0]?.role === 'assistant' ? history.slice(1) : history;
  });
}

/** When the conversation was last begun anew, or before all time. */
function lastReset(tenant: string, conversation: string) {
  const { createdAt } = turns;
  return sql`(select coalesce(max(${createdAt}), '-infinity') from ${turns}
    where ${turns.tenant} = ${tenant} and ${turns.conversation} = ${conversation} and ${turns.kind} = 'reset')`;
}
