import { EMOJI_TYPES } from '../emoji.ts';
import { feishuError, success } from '../errors.ts';
import type { AppIdentity } from '../events.ts';
import { newId } from '../ids.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Reaction, StoredMessage, World } from '../world.ts';
import type { ApiCallContext, Route } from './router.ts';

/** Reactions of the bot. https://open.feishu.cn/document/server-docs/im-v1/message-reaction/create */
export function reactionRoutes(deps: { app: AppIdentity; world: World; now: () => number }): Route[] {
  const { app, world, now } = deps;

  function target(call: ApiCallContext): StoredMessage {
    const message = world.message(call.params.message_id ?? '');
    if (message === undefined) throw feishuError(231003);
    if (message.deleted) throw feishuError(230110);
    return message;
  }

  return [
    {
      at: 'POST /open-apis/im/v1/messages/:message_id/reactions',
      name: 'im.messageReaction.create',
      run(call) {
        const message = target(call);
        const type = isObject(call.body.reaction_type) ? call.body.reaction_type.emoji_type : undefined;
        if (typeof type !== 'string' || !EMOJI_TYPES.has(type)) throw feishuError(231001);
        return success(view(react(message, type, { id: app.appId, type: 'app' }, now())));
      },
    },
    {
      at: 'DELETE /open-apis/im/v1/messages/:message_id/reactions/:reaction_id',
      name: 'im.messageReaction.delete',
      run(call) {
        const message = target(call);
        const id = call.params.reaction_id ?? '';
        const reaction = message.reactions.find((one) => one.id === id);
        if (reaction === undefined) {
          const chat = world.messagesIn({ chatId: message.chatId });
          throw feishuError(chat.some(({ reactions }) => reactions.some((one) => one.id === id)) ? 231010 : 231011);
        }
        if (reaction.operatorId !== app.appId) throw feishuError(231007);
        message.reactions = message.reactions.filter((one) => one !== reaction);
        return success(view(reaction));
      },
    },
    {
      at: 'GET /open-apis/im/v1/messages/:message_id/reactions',
      name: 'im.messageReaction.list',
      run(call) {
        const wanted = call.query.get('reaction_type');
        const found = target(call).reactions.filter(({ emojiType }) => wanted === null || emojiType === wanted);
        return success({ items: found.map(view), has_more: false });
      },
    },
  ];
}

/** Puts a reaction under a message. The same one by the same hand is there already and stays the one it was. */
export function react(
  message: StoredMessage,
  emojiType: string,
  operator: { id: string; type: 'user' | 'app' },
  now: number,
): Reaction {
  const same = message.reactions.find((one) => one.emojiType === emojiType && one.operatorId === operator.id);
  if (same !== undefined) return same;
  const reaction: Reaction = {
    id: newId('om').replace('om_', 'ZCaCIjUBVVWSrm5L-'),
    emojiType,
    operatorId: operator.id,
    operatorType: operator.type,
    at: now,
  };
  message.reactions.push(reaction);
  return reaction;
}

function view(reaction: Reaction): JsonObject {
  return {
    reaction_id: reaction.id,
    operator: { operator_id: reaction.operatorId, operator_type: reaction.operatorType },
    action_time: String(reaction.at),
    reaction_type: { emoji_type: reaction.emojiType },
  };
}
