import { ParleyError } from '@parley/core/errors';
import { explainTurn, stepsOf } from '@parley/core/explain';
import {
  countTurnsByError,
  listTurns,
  loadTurn,
  loadTurnWords,
  type TurnFilters,
  type TurnListRow,
  type TurnStory,
} from '@parley/core/store';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import { bilingual } from '../http/shapes.ts';
import { putIn, readAnchor } from './ask-again.ts';
import { entryOf, listPlace, moment, name, notFound, tenantsOf, usd } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const STATUSES = ['success', 'denied', 'failed'] as const;
const KINDS = [
  'model',
  'cache',
  'rule',
  'ignored',
  'command',
  'reset',
  'guard',
  'quota',
  'failure',
  'human',
] as const satisfies readonly TurnListRow['kind'][];

const turnRow = z.object({
  id: z.string(),
  tenant: z.string(),
  channel: z.string(),
  platform: z.string(),
  conversation: z.string(),
  user: z.string().describe('A pseudonym'),
  kind: z.enum(KINDS),
  model: z.string().nullable(),
  status: z.enum(STATUSES),
  error_code: z.string().nullable(),
  tokens_in: z.number(),
  tokens_out: z.number(),
  cost_usd: z.number(),
  response_ms: z.number(),
  attempts: z.number(),
  created_at: z.string(),
});
const turnDetail = turnRow.extend({
  question: z.string().nullable().describe('Masked; null when it is not kept'),
  answer: z.string().nullable(),
  timeline: z.array(
    z.object({ at_ms: z.number(), what: z.string(), detail: z.record(z.string(), z.unknown()).optional() }),
  ),
  why: bilingual,
});

const filterQuery = {
  tenant: name.optional(),
  channel: name.optional(),
  platform: name.optional(),
  status: z.enum(STATUSES).optional(),
  kind: z.enum(KINDS).optional(),
  model: name.optional(),
  user: name.optional(),
  error_code: name.optional(),
  conversation: name.optional(),
  from: moment.optional(),
  to: moment.optional(),
  min_response_ms: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  q: z.string().max(100).optional().describe('Beginning of the id'),
};
const query = z.object({ ...pageQuery, ...filterQuery });
const errorQuery = z.object({ ...filterQuery, from: moment.optional().describe('Default: a day before now') });
const MAX_ERRORS = 100;
const DAY_MS = 86_400_000;
const byId = z.object({ id: name });

export function turnRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, sealer, now = Date.now } = deps;

  /** One that the caller may not see is one that is not there. */
  async function find(id: string, { may }: Pick<RouteContext, 'may'>): Promise<TurnStory> {
    const story = await loadTurn(store, id);
    if (!story || !may(story.tenant, 'turn:read', id)) throw notFound('turn');
    return story;
  }

  return [
    route({
      method: 'GET',
      path: '/turns',
      action: 'turn:read',
      scope: 'any',
      tag: 'Turns',
      summary: 'Questions and how they were answered, newest first',
      query,
      response: pageOf(turnRow),
      handle: async (input) => {
        const { limit, cursor, tenant, ...rest } = input.query;
        const page = { limit: limit + 1, after: decodeCursor(cursor, listPlace) };
        const rows = await listTurns(store, tenantsOf(deps, input, tenant), filtersOf(rest), page);
        return toPage(rows, limit, ({ createdAt, id }) => ({ at: createdAt.getTime(), id }), showTurn);
      },
    }),
    route({
      method: 'GET',
      path: '/turns/errors',
      action: 'turn:read',
      scope: 'any',
      tag: 'Turns',
      summary: 'How many questions ended with which error, most frequent first; the same filters',
      query: errorQuery,
      response: z.object({
        rows: z.array(z.object({ error_code: z.string().nullable(), turns: z.number(), mean_response_ms: z.number() })),
      }),
      handle: async (input) => {
        const { tenant, from = new Date(now() - DAY_MS), ...rest } = input.query;
        const filters = { ...filtersOf(rest), from };
        const rows = await countTurnsByError(store, tenantsOf(deps, input, tenant), filters, MAX_ERRORS);
        return {
          rows: rows.map(({ errorCode, turns, meanResponseMs }) => ({
            error_code: errorCode,
            turns,
            mean_response_ms: meanResponseMs,
          })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/turns/:id',
      action: 'turn:read',
      scope: 'any',
      tag: 'Turns',
      summary: 'One question: what was said, every step, and why it ended as it did',
      params: byId,
      response: turnDetail,
      handle: async (input) => {
        const story = await find(input.params.id, input);
        const { question, answer } = await loadTurnWords(store, sealer, story.tenant, story.id);
        return {
          ...showTurn(story),
          question: question ?? null,
          answer: answer || null,
          timeline: stepsOf(story.timeline).map(({ atMs, what, detail }) => ({
            at_ms: atMs,
            what,
            ...(Object.keys(detail).length > 0 ? { detail } : {}),
          })),
          why: explainTurn(story),
        };
      },
    }),
    replayRoute(deps, find),
  ];
}

/** The filters as the store takes them. */
function filtersOf({
  error_code: errorCode,
  min_response_ms: minResponseMs,
  q: idPrefix,
  ...rest
}: Omit<z.output<typeof errorQuery>, 'tenant'>): TurnFilters {
  return { ...rest, errorCode, minResponseMs, idPrefix };
}

function replayRoute(
  deps: RuntimeParts,
  find: (id: string, context: Pick<RouteContext, 'may'>) => Promise<TurnStory>,
): AdminRoute {
  return route({
    method: 'POST',
    path: '/turns/:id/replay',
    action: 'turn:write',
    scope: 'any',
    tag: 'Turns',
    summary: 'Ask the same question anew, as if it had just come',
    status: 202,
    idempotent: true,
    // Written below, where the tenant is known.
    quiet: true,
    params: byId,
    response: z.object({ turn: z.string() }),
    handle: async (input) => {
      const { id } = input.params;
      const { tenant, channel, conversation } = await find(id, input);
      input.require(tenant, 'turn:write', id);
      const words = await loadTurnWords(deps.store, deps.sealer, tenant, id);
      const anchor = readAnchor(words.anchor);
      if (!words.question && anchor.command === undefined) {
        throw new ParleyError('conflict', 'This turn has no words to ask again');
      }
      const where = { tenant, channel, conversation, anchor };
      const turn = await putIn(where, { question: words.question ?? '', of: id }, deps);
      await deps.audit.append([
        entryOf(input.actor, { tenant, action: 'turn:write', id, detail: { replayed_as: turn } }),
      ]);
      return { turn };
    },
  });
}

function showTurn(row: TurnListRow): z.input<typeof turnRow> {
  const { errorCode, tokensIn, tokensOut, costMicroUsd, responseMs, createdAt, ...same } = row;
  return {
    ...same,
    error_code: errorCode,
    tokens_in: tokensIn,
    tokens_out: tokensOut,
    cost_usd: usd(costMicroUsd),
    response_ms: responseMs,
    created_at: createdAt.toISOString(),
  };
}
