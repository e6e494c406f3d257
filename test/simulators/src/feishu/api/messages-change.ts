import { isShared } from '../card.ts';
import { feishuError, invalidField, invalidParameter, success } from '../errors.ts';
import { stringOf } from '../json.ts';
import type { StoredMessage } from '../world.ts';
import { type BotContent, readBotContent } from './compose.ts';
import { messageView } from './message-view.ts';
import type { MessageDeps } from './messages-send.ts';
import type { ApiCallContext, Route } from './router.ts';

const MAX_EDITS = 20;
const DAY_MS = 24 * 60 * 60_000;
const CARD_UPDATE_LIFE_MS = 14 * DAY_MS;

/** Card updates, text and post edits, and recall. https://open.feishu.cn/document/server-docs/im-v1/message/update */
export function changeRoutes(deps: MessageDeps): Route[] {
  const { world, display, limits, now, cards } = deps;

  function existing(call: ApiCallContext): StoredMessage {
    const message = world.message(call.params.message_id ?? '');
    if (message === undefined) throw invalidParameter('invalid message_id.');
    if (message.deleted) throw feishuError(230011);
    return message;
  }

  function apply(message: StoredMessage, shown: BotContent, call: ApiCallContext): void {
    limits.update(message.id);
    Object.assign(message, { cardId: undefined, ...shown });
    message.edits += 1;
    message.updatedAt = now();
    display.refresh(message, { msg_type: message.msgType, content: call.body.content });
  }

  return [
    {
      at: 'PATCH /open-apis/im/v1/messages/:message_id',
      name: 'im.message.patch',
      run(call) {
        const message = existing(call);
        if (message.msgType !== 'interactive') throw invalidParameter('This message is NOT a card.');
        if (message.sender.type !== 'bot') throw feishuError(230071);
        if (now() - message.createdAt > CARD_UPDATE_LIFE_MS) throw feishuError(230001);
        const shown = readBotContent(call, 'interactive', deps);
        const before = cards.find(message.cardId ?? '')?.card ?? message.content;
        if (!isShared(before) || !isShared(shown.content)) throw feishuError(300302);
        apply(message, shown, call);
        return success({});
      },
    },
    {
      at: 'PUT /open-apis/im/v1/messages/:message_id',
      name: 'im.message.update',
      run(call) {
        const message = existing(call);
        if (message.sender.type !== 'bot') throw feishuError(230071);
        const type = stringOf(call.body.msg_type);
        if (!type) throw invalidField('msg_type', 'msg_type is required');
        const editable = ['text', 'post'];
        if (!editable.includes(type) || !editable.includes(message.msgType)) throw feishuError(230054);
        if (message.edits >= MAX_EDITS) throw feishuError(230072);
        apply(message, readBotContent(call, type, deps), call);
        return success(messageView(message, deps));
      },
    },
    {
      at: 'DELETE /open-apis/im/v1/messages/:message_id',
      name: 'im.message.delete',
      run(call) {
        const message = existing(call);
        if (message.sender.type !== 'bot') throw feishuError(230026);
        if (now() - message.createdAt > DAY_MS) throw feishuError(230009);
        message.deleted = true;
        message.updatedAt = now();
        display.remove(message);
        return success({});
      },
    },
  ];
}
