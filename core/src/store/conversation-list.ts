import { and, count, desc, eq, inArray, notInArray, or, type SQL, sql } from 'drizzle-orm';
import type { Sealer } from '../secrets/index.ts';
import { openAttached, openContent } from './content.ts';
import { guarded } from './errors.ts';
import { isAfter, isAmongNewest, type PageOptions } from './newest.ts';
import type { Store } from './open.ts';
import { conversations, messages, type TurnKind, turns } from './schema.ts';

export interface ConversationListRow {
  tenant: string;
  id: string;
  channel: string;
  platform: string;
  chatKind: 'direct' | 'group';
  createdAt: Date;
  lastAt: Date;
  turns: number;
  /** What was asked last, as far as it is kept. */
  lastText: string | undefined;
}

export interface ConversationFilters {
  channel?: string | undefined;
  platform?: string | undefined;
  /** Part of the conversation's id, or a person's pseudonym. What was said is encrypted and cannot be searched. */
  search?: string | undefined;
  ids?: readonly string[] | undefined;
  exceptIds?: readonly string[] | undefined;
}

/** Conversations of these tenants, the one with the latest message first. */
export function listConversations(
  { db }: Store,
  sealer: Sealer,
  tenants: readonly string[],
  filters: ConversationFilters,
  { limit, after }: PageOptions,
): Promise<ConversationListRow[]> {
  return guarded('listing conversations', async () => {
    if (tenants.length === 0 || filters.ids?.length === 0) return [];
    const { tenant, id, lastAt: at } = conversations;
    const wanted = and(...conditionsOf(filters, tenants), isAfter(at, id, after));
    const last = db
      .select({ content: messages.content })
      .from(messages)
      .where(and(eq(messages.tenant, tenant), eq(messages.conversation, id), eq(messages.role, 'user')))
      .orderBy(desc(messages.createdAt), desc(messages.id))
      .limit(1)
      .as('last_message');
    const counted = db
      .select({ turns: count().as('turns') })
      .from(turns)
      .where(and(eq(turns.tenant, tenant), eq(turns.conversation, id)))
      .as('counted');
    const rows = await db
      .select({ conversation: conversations, content: last.content, turns: counted.turns })
      .from(conversations)
      .leftJoinLateral(last, sql`true`)
      .leftJoinLateral(counted, sql`true`)
      .where(isAmongNewest({ table: conversations, tenant, id, at, tenants, wanted, limit }))
      .orderBy(desc(at), desc(id));
    return rows.map(({ conversation, content, turns: of }) => ({
      ...conversation,
      turns: Number(of ?? 0),
      lastText: content === null ? undefined : openContent(sealer, conversation.tenant, conversation.id, content),
    }));
  });
}

/** Conversations in which somebody took part, from the index over tenant and person. */
const ofPerson = (user: string, tenants: readonly string[]) =>
  sql`(select ${turns.conversation} from ${turns}
    where ${inArray(turns.tenant, [...tenants])} and ${eq(turns.user, user)})`;

function conditionsOf(
  { channel, platform, search, ids, exceptIds = [] }: ConversationFilters,
  tenants: readonly string[],
): (SQL | undefined)[] {
  return [
    channel === undefined ? undefined : eq(conversations.channel, channel),
    platform === undefined ? undefined : eq(conversations.platform, platform),
    ids && inArray(conversations.id, [...ids]),
    exceptIds.length === 0 ? undefined : notInArray(conversations.id, [...exceptIds]),
    search === undefined
      ? undefined
      : or(sql`strpos(${conversations.id}, ${search}) > 0`, inArray(conversations.id, ofPerson(search, tenants))),
  ];
}

export interface StoredMessage {
  id: number;
  turn: string;
  role: 'user' | 'assistant';
  content: string;
  kind: TurnKind;
  /** The operator who said it, in a turn of kind `human`. */
  by: string | undefined;
  /** When its turn began. */
  at: Date;
}

/** What was said in a conversation, newest first. */
export function listMessages(
  { db }: Store,
  sealer: Sealer,
  { tenant, id }: { tenant: string; id: string },
  { limit, after }: PageOptions<{ at: number; id: number }>,
): Promise<StoredMessage[]> {
  return guarded('reading a conversation', async () => {
    const operator = sql<string | null>`(select step -> 'detail' ->> 'by'
      from jsonb_array_elements(${turns.timeline}) as step where step ->> 'what' = 'operator' limit 1)`;
    const rows = await db
      .select({ message: messages, kind: turns.kind, by: operator })
      .from(messages)
      .innerJoin(turns, eq(turns.id, messages.turn))
      .where(
        and(
          eq(messages.tenant, tenant),
          eq(messages.conversation, id),
          // An answer of no words was never said.
          sql`${messages.content} <> ''`,
          isAfter(messages.createdAt, messages.id, after),
        ),
      )
      .orderBy(desc(messages.createdAt), desc(messages.id))
      .limit(limit);
    return rows.map(({ message, kind, by }) => ({
      id: message.id,
      turn: message.turn,
      role: message.role,
      content: openContent(sealer, tenant, id, message.content),
      kind,
      by: by ?? undefined,
      at: message.createdAt,
    }));
  });
}

/** Where the latest question of a conversation stood; undefined: that is not kept. */
export function latestAnchor(
  { db }: Store,
  sealer: Sealer,
  { tenant, id }: { tenant: string; id: string },
): Promise<unknown> {
  return guarded('looking for the chat of a conversation', async () => {
    const rows = await db
      .select({ content: messages.content })
      .from(messages)
      .where(and(eq(messages.tenant, tenant), eq(messages.conversation, id), eq(messages.role, 'user')))
      .orderBy(desc(messages.createdAt), desc(messages.id))
      .limit(1);
    const [latest] = rows;
    return latest && openAttached(sealer, tenant, id, latest.content);
  });
}
