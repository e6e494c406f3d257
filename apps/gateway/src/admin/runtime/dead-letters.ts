import type { DeadLetter } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { reasonOf } from '@parley/core/explain';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { bilingual } from '../http/shapes.ts';
import { name, notFound, tenantsOf } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const letterShape = z.object({
  tenant: z.string(),
  id: z.string().describe('The turn that was given up'),
  channel: z.string(),
  conversation: z.string(),
  error_code: z.string(),
  message: z.string(),
  why: bilingual,
  at: z.string(),
  attempts: z.number(),
  question: z.string().optional().describe('Masked'),
  answer: z.string().optional().describe('What a replay sends; absent: it asks a model anew'),
});
const letterParams = z.object({ tenant: name, id: name });
/** As far as the words of an outcome matter here (workers/src/chat/outcome.ts). */
const outcomeShape = z.object({
  text: z.string(),
  masked: z.object({ question: z.string(), answer: z.string() }).optional(),
});

export function deadLetterRoutes(deps: RuntimeParts): AdminRoute[] {
  const { deadLetters, config, mask } = deps;
  const shared = { tag: 'Dead letters' } as const;

  /** A letter as people see it: what was said is masked, as in the transcripts. */
  async function show({
    envelope,
    also,
    answer,
    errorCode,
    ...letter
  }: DeadLetter): Promise<z.input<typeof letterShape>> {
    const { tenant: id, conversation, operator } = envelope;
    const tenant = config().tenants.find((one) => one.id === id);
    const masked = async (text: string | undefined) =>
      tenant && text ? mask(tenant, conversation.id, text) : undefined;
    const outcome = answer === undefined ? undefined : outcomeShape.safeParse(JSON.parse(answer)).data;
    const asked = operator ? undefined : [envelope, ...also].map(({ message }) => message.text).join('\n');
    const question = outcome?.masked?.question || (await masked(asked));
    const said = outcome?.masked?.answer || (await masked(outcome?.text));
    const why = reasonOf(errorCode);
    return {
      tenant: id,
      id: letter.turn,
      channel: envelope.channel,
      conversation: conversation.id,
      error_code: errorCode,
      message: why.en,
      why,
      at: new Date(letter.failedAt).toISOString(),
      attempts: letter.attempts,
      ...(question ? { question } : {}),
      ...(said ? { answer: said } : {}),
    };
  }

  async function listOf(tenants: readonly string[], limit: number, before: string | undefined): Promise<DeadLetter[]> {
    const counts = await deadLetters.counts();
    const having = tenants.filter((tenant) => (counts.get(tenant)?.kept ?? 0) > 0);
    const pages = await Promise.all(having.map((tenant) => deadLetters.list(tenant, { limit, before })));
    return pages.flatMap(({ letters }) => letters).sort((a, b) => (a.turn < b.turn ? 1 : -1));
  }

  return [
    route({
      ...shared,
      method: 'GET',
      path: '/dead-letters',
      action: 'dead_letter:read',
      scope: 'any',
      summary: 'Turns that were given up, newest question first',
      query: z.object({ ...pageQuery, tenant: name.optional() }),
      response: pageOf(letterShape),
      handle: async (input) => {
        const { limit, cursor, tenant } = input.query;
        const before = decodeCursor(cursor, z.string());
        const letters = await listOf(tenantsOf(deps, input, tenant), limit + 1, before);
        const page = toPage(letters, limit, ({ turn }) => turn, show);
        return { ...page, items: await Promise.all(page.items) };
      },
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/dead-letters/:tenant/:id',
      action: 'dead_letter:read',
      summary: 'One dead letter',
      params: letterParams,
      response: letterShape,
      handle: async ({ params: { tenant, id } }) => {
        const letter = await deadLetters.get(tenant, id);
        if (!letter) throw notFound('dead letter');
        return show(letter);
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/dead-letters/:tenant/:id/replay',
      action: 'dead_letter:write',
      summary: 'Send it on its way again: a recorded answer is delivered, else the question is answered anew',
      status: 202,
      params: letterParams,
      response: z.object({ turn: z.string() }),
      handle: async ({ params: { tenant, id }, note }) => {
        const result = await deadLetters.replay(tenant, id);
        if (result.status === 'gone') throw notFound('dead letter');
        if (result.status === 'full') {
          throw new ParleyError('unavailable', 'Too many messages wait in that conversation', { retryAfterMs: 5_000 });
        }
        note({ replayed_as: result.turn });
        return { turn: result.turn };
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/dead-letters/:tenant/:id',
      action: 'dead_letter:write',
      summary: 'Drop it',
      status: 204,
      params: letterParams,
      handle: async ({ params: { tenant, id }, note }) => {
        if (!(await deadLetters.drop(tenant, id))) throw notFound('dead letter');
        note({ dropped: true });
      },
    }),
  ];
}
