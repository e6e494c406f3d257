import { ParleyError } from '@parley/core/errors';
import { latestAnchor, listConversations } from '@parley/core/store';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { addressOf, putIn, readAnchor, type Somewhere } from './ask-again.ts';
import { conversationParams, showTakenOver } from './conversations.ts';
import { nameOf, notFound } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const path = '/conversations/:tenant/:conversation';
const shared = { action: 'conversation:write', tag: 'Conversations', params: conversationParams } as const;

/** A person answers in place of the bot, and gives the conversation back. */
export function takeOverRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, sealer, takeOvers, now = Date.now } = deps;

  /** Where the conversation is held. @throws ParleyError `not_found`, `conflict` when nothing can be said there */
  async function locate({ tenant, conversation }: z.output<typeof conversationParams>): Promise<Somewhere> {
    const [found] = await listConversations(store, sealer, [tenant], { ids: [conversation] }, { limit: 1 });
    if (!found) throw notFound('conversation');
    const anchor = readAnchor(await latestAnchor(store, sealer, { tenant, id: conversation }));
    return { tenant, channel: found.channel, conversation, anchor };
  }

  return [
    route({
      ...shared,
      method: 'POST',
      path: `${path}/takeover`,
      summary: 'Answer in place of the bot from now on: it records what is asked, and says nothing',
      status: 200,
      response: z.object({ taken_over: z.object({ by: z.string(), since: z.string() }) }),
      handle: async ({ params, actor, note }) => {
        const where = await locate(params);
        const operator = { id: actor.id, by: nameOf(actor), since: now() };
        const taken = await takeOvers.take(where.tenant, addressOf(where), operator);
        if (taken.status === 'full') throw new ParleyError('conflict', 'Too many conversations are taken over');
        if (taken.status === 'held') {
          throw new ParleyError('conflict', `${taken.takenOver.by} has taken this conversation over already`);
        }
        note({ taken_over: true });
        return { taken_over: showTakenOver(taken.takenOver) };
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: `${path}/takeover`,
      summary: 'Give the conversation back to the bot',
      status: 204,
      handle: async ({ params: { tenant, conversation }, note }) => {
        const taken = (await takeOvers.list()).get(conversation);
        if (taken?.tenant === tenant) await takeOvers.giveBack({ id: conversation, shard: taken.shard });
        note({ taken_over: false });
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: `${path}/messages`,
      summary: 'Say something through the bot, in a conversation that was taken over',
      status: 202,
      idempotent: true,
      body: z.strictObject({ text: z.string().trim().min(1).max(20_000) }),
      response: z.object({ turn: z.string() }),
      handle: async ({ params, body: { text }, actor, note }) => {
        const where = await locate(params);
        if (!(await takeOvers.of(addressOf(where)))) {
          throw new ParleyError('conflict', 'The bot answers in this conversation: take it over first');
        }
        const turn = await putIn(where, { operator: { by: nameOf(actor), text } }, deps);
        note({ turn });
        return { turn };
      },
    }),
  ];
}
