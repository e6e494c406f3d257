import { isV2 } from '../card.ts';
import type { CardStore } from '../card-store.ts';
import type { AppIdentity } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { StoredMessage } from '../world.ts';

/** What reading back a card of schema 2.0 gives, unless the caller asks for the raw card. */
const UPGRADE_NOTE = {
  title: null,
  elements: [[{ tag: 'text', text: '请升级至最新版本客户端，以查看内容' }]],
};

/** A message as the message API returns it. */
export function messageView(
  message: StoredMessage,
  deps: { app: AppIdentity; cards: CardStore },
  cardContentType?: string | null,
): JsonObject {
  const { app } = deps;
  const { sender } = message;
  return {
    message_id: message.id,
    ...(message.rootId && { root_id: message.rootId }),
    ...(message.parentId && { parent_id: message.parentId }),
    ...(message.threadId && { thread_id: message.threadId }),
    msg_type: message.msgType,
    create_time: String(message.createdAt),
    update_time: String(message.updatedAt),
    deleted: message.deleted,
    updated: message.edits > 0,
    chat_id: message.chatId,
    sender: {
      id: sender.type === 'user' ? sender.person.openId : sender.type === 'bot' ? app.appId : sender.openId,
      id_type: sender.type === 'user' ? 'open_id' : 'app_id',
      sender_type: sender.type === 'user' ? 'user' : 'app',
      tenant_key: app.tenantKey,
    },
    body: { content: contentOf(message, deps.cards, cardContentType) },
    ...(message.mentions.length > 0 && {
      mentions: message.mentions.map(({ key, openId, name }) => ({
        key,
        id: openId,
        id_type: 'open_id',
        name,
        tenant_key: app.tenantKey,
      })),
    }),
  };
}

function contentOf(message: StoredMessage, cards: CardStore, cardContentType?: string | null): string {
  if (message.deleted) return 'This message was recalled';
  if (message.msgType !== 'interactive') return JSON.stringify(message.content);
  const card = (message.cardId && cards.find(message.cardId)?.card) || message.content;
  const raw = cardContentType === 'raw_card_content' || cardContentType === 'user_card_content';
  return JSON.stringify(isV2(card) && !raw ? UPGRADE_NOTE : card);
}
