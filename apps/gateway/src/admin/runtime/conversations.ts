import type { TakenOver } from '@parley/core/bus';
import { type ConversationListRow, listConversations, listMessages, type StoredMessage } from '@parley/core/store';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { listPlace, name, notFound, placeInTime, tenantsOf } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const takenOver = z.object({ by: z.string(), since: z.string() });
const row = z.object({
  tenant: z.string(),
  id: z.string(),
  channel: z.string(),
  platform: z.string(),
  chat_kind: z.enum(['direct', 'group']),
  created_at: z.string(),
  last_at: z.string(),
  turns: z.number(),
  last_text: z.string().nullable().describe('What was asked last, masked; null when it is not kept'),
  taken_over: takenOver.nullable(),
});
const detail = row.extend({
  state: z.object({ waiting: z.number(), model: z.string().nullable().describe('Picked with /model') }),
});
const message = z.object({
  id: z.string(),
  role: z.enum(['user', 'assistant', 'human']).describe('human: an operator, through the bot'),
  content: z.string(),
  turn: z.string(),
  at: z.string(),
  by: z.string().optional().describe('The operator'),
});
export const conversationParams = z.object({ tenant: name, conversation: name });

export const showTakenOver = ({ by, since }: TakenOver) => ({ by, since: new Date(since).toISOString() });

export function conversationRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, sealer, takeOvers, view } = deps;

  /** @throws ParleyError `not_found` */
  async function find({ tenant, conversation }: z.output<typeof conversationParams>): Promise<ConversationListRow> {
    const [found] = await listConversations(store, sealer, [tenant], { ids: [conversation] }, { limit: 1 });
    if (!found) throw notFound('conversation');
    return found;
  }

  return [
    route({
      method: 'GET',
      path: '/conversations',
      action: 'conversation:read',
      scope: 'any',
      tag: 'Conversations',
      summary: 'Conversations, the one with the latest message first',
      query: z.object({
        ...pageQuery,
        tenant: name.optional(),
        channel: name.optional(),
        platform: name.optional(),
        q: name.optional().describe("Part of the id, or a person's pseudonym; what was said is encrypted"),
        taken_over: z.enum(['true', 'false']).optional(),
      }),
      response: pageOf(row),
      handle: async (input) => {
        const { limit, cursor, tenant, channel, platform, q: search, taken_over: only } = input.query;
        const taken = await takeOvers.list();
        const ids = [...taken.keys()];
        const filters = {
          ...{ channel, platform, search },
          ids: only === 'true' ? ids : undefined,
          exceptIds: only === 'false' ? ids : undefined,
        };
        const page = { limit: limit + 1, after: decodeCursor(cursor, listPlace) };
        const rows = await listConversations(store, sealer, tenantsOf(deps, input, tenant), filters, page);
        return toPage(
          rows,
          limit,
          ({ lastAt, id }) => ({ at: lastAt.getTime(), id }),
          (one) => showRow(one, takenIn(taken, one)),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/conversations/:tenant/:conversation',
      action: 'conversation:read',
      tag: 'Conversations',
      summary: 'One conversation',
      params: conversationParams,
      response: detail,
      handle: async ({ params }) => {
        const found = await find(params);
        const [taken, { waiting, model }] = await Promise.all([takeOvers.list(), view.stateOf(found.id)]);
        return { ...showRow(found, takenIn(taken, found)), state: { waiting, model: model ?? null } };
      },
    }),
    route({
      method: 'GET',
      path: '/conversations/:tenant/:conversation/messages',
      action: 'conversation:read',
      tag: 'Conversations',
      summary: 'What was said, newest first; masked, and as far as it is kept',
      params: conversationParams,
      query: z.object(pageQuery),
      response: pageOf(message),
      handle: async ({ params, query: { limit, cursor } }) => {
        const { tenant, id } = await find(params);
        const after = decodeCursor(cursor, z.object({ at: placeInTime, id: z.number().int() }));
        const rows = await listMessages(store, sealer, { tenant, id }, { limit: limit + 1, after });
        return toPage(rows, limit, ({ at, id: row }) => ({ at: at.getTime(), id: row }), showMessage);
      },
    }),
  ];
}

/** The id is another tenant's only if somebody made it up; what is noted there says nothing here. */
function takenIn(taken: ReadonlyMap<string, TakenOver & { tenant: string }>, { tenant, id }: ConversationListRow) {
  const found = taken.get(id);
  return found?.tenant === tenant ? found : undefined;
}

function showRow(found: ConversationListRow, taken: TakenOver | undefined): z.input<typeof row> {
  const { tenant, id, channel, platform, chatKind, createdAt, lastAt, turns, lastText } = found;
  return {
    ...{ tenant, id, channel, platform, turns },
    chat_kind: chatKind,
    created_at: createdAt.toISOString(),
    last_at: lastAt.toISOString(),
    last_text: lastText ?? null,
    taken_over: taken ? showTakenOver(taken) : null,
  };
}

function showMessage({ id, role, content, kind, turn, at, by }: StoredMessage): z.input<typeof message> {
  const isOperator = role === 'assistant' && kind === 'human';
  return {
    id: String(id),
    role: isOperator ? 'human' : role,
    content,
    turn,
    at: at.toISOString(),
    ...(isOperator && by !== undefined ? { by } : {}),
  };
}
