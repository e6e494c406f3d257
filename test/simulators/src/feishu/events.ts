import { randomBytes } from 'node:crypto';
import type { OutgoingEvent } from '../shared/index.ts';
import { type JsonObject, stringOf } from './json.ts';
import type { Chat, Person, StoredMessage } from './world.ts';

/** An event before it is encrypted, signed or framed. */
export interface FeishuEvent extends OutgoingEvent {
  payload: JsonObject;
}

export interface AppIdentity {
  appId: string;
  appName: string;
  openId: string;
  unionId: string;
  tenantKey: string;
  verificationToken: string;
}

/** Builds event payloads as Feishu sends them. https://open.feishu.cn/document/server-docs/event-subscription-guide/event-list */
export interface EventFactory {
  /** `im.message.receive_v1`, or the old `message` event where the app subscribed to schema 1. */
  received(message: StoredMessage, chat: Chat): FeishuEvent;
  recalled(message: StoredMessage): FeishuEvent;
  read(messageIds: string[], reader: Person): FeishuEvent;
  reacted(message: StoredMessage, emojiType: string, person: Person): FeishuEvent;
  botAdded(chat: Chat, operator: Person): FeishuEvent;
}

export function createEvents(app: AppIdentity, schema: 'v1' | 'v2', now: () => number): EventFactory {
  function v2(eventType: string, event: JsonObject): FeishuEvent {
    const eventId = randomBytes(16).toString('hex');
    const header = {
      event_id: eventId,
      token: app.verificationToken,
      create_time: String(now()),
      event_type: eventType,
      tenant_key: app.tenantKey,
      app_id: app.appId,
    };
    return { eventId, payload: { schema: '2.0', header, event } };
  }

  function v1(type: string, event: JsonObject): FeishuEvent {
    const eventId = randomBytes(16).toString('hex');
    const payload = {
      uuid: eventId,
      token: app.verificationToken,
      ts: (now() / 1000).toFixed(6),
      type: 'event_callback',
      event: { type, app_id: app.appId, tenant_key: app.tenantKey, ...event },
    };
    return { eventId, payload };
  }

  const ids = (person: Person) => ({ union_id: person.unionId, user_id: person.userId, open_id: person.openId });

  return {
    received: (message, chat) =>
      schema === 'v2'
        ? v2('im.message.receive_v1', receiveV1(message, chat, app))
        : v1('message', legacyMessage(message, chat, app)),

    // Schema 1 had no event of this kind, so apps of both schemas get it in the new envelope.
    recalled: (message) =>
      v2('im.message.recalled_v1', {
        message_id: message.id,
        chat_id: message.chatId,
        recall_time: String(now()),
        recall_type: 'message_owner',
      }),

    read(messageIds, reader) {
      const readTime = String(now());
      if (schema === 'v1') return v1('message_read', { open_message_ids: messageIds, open_id: reader.openId });
      return v2('im.message.message_read_v1', {
        reader: { reader_id: ids(reader), read_time: readTime, tenant_key: app.tenantKey },
        message_id_list: messageIds,
      });
    },

    reacted: (message, emojiType, person) =>
      v2('im.message.reaction.created_v1', {
        message_id: message.id,
        reaction_type: { emoji_type: emojiType },
        operator_type: 'user',
        user_id: ids(person),
        action_time: String(now()),
      }),

    botAdded(chat, operator) {
      if (schema === 'v1') return v1('add_bot', { open_chat_id: chat.id, operator_open_id: operator.openId });
      return v2('im.chat.member.bot.added_v1', {
        chat_id: chat.id,
        operator_id: ids(operator),
        external: false,
        operator_tenant_key: app.tenantKey,
        name: chat.id,
        i18n_names: { zh_cn: chat.id, en_us: chat.id, ja_jp: chat.id },
      });
    },
  };
}

/** https://open.feishu.cn/document/server-docs/im-v1/message/events/receive */
function receiveV1(message: StoredMessage, chat: Chat, app: AppIdentity): JsonObject {
  const { sender } = message;
  // Of a bot Feishu gives no user id: the field is there and null.
  const senderId =
    sender.type === 'user'
      ? { union_id: sender.person.unionId, user_id: sender.person.userId, open_id: sender.person.openId }
      : { union_id: null, user_id: null, open_id: sender.type === 'bot' ? app.openId : sender.openId };
  const mentions = message.mentions.map(({ key, openId, name }) => {
    const isBot = openId === app.openId;
    return {
      key,
      id: {
        union_id: isBot ? app.unionId : `on_${openId.slice(3)}`,
        user_id: isBot ? null : openId.slice(3, 11),
        open_id: openId,
      },
      mentioned_type: isBot ? 'bot' : 'user',
      name,
      tenant_key: app.tenantKey,
    };
  });
  return {
    sender: {
      sender_id: senderId,
      sender_type: sender.type === 'user' ? 'user' : 'app',
      tenant_key: app.tenantKey,
    },
    message: {
      message_id: message.id,
      ...(message.rootId && { root_id: message.rootId }),
      ...(message.parentId && { parent_id: message.parentId }),
      ...(message.threadId && { thread_id: message.threadId }),
      create_time: String(message.createdAt),
      update_time: String(message.updatedAt),
      chat_id: message.chatId,
      chat_type: chat.kind,
      message_type: message.msgType,
      content: JSON.stringify(message.content),
      ...(mentions.length > 0 && { mentions }),
      user_agent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Feishu/7.40.6',
    },
  };
}

/** The event of schema 1, in which mentions stand as markup in the text. */
function legacyMessage(message: StoredMessage, chat: Chat, app: AppIdentity): JsonObject {
  const { sender } = message;
  const plain = stringOf(message.content.text) ?? '';
  let text = plain;
  let withoutAt = plain;
  for (const { key, openId, name } of message.mentions) {
    text = text.replace(key, `<at open_id="${openId}">@${name}</at>`);
    withoutAt = withoutAt.replace(key, '');
  }
  return {
    chat_type: chat.kind === 'p2p' ? 'private' : 'group',
    open_chat_id: message.chatId,
    open_message_id: message.id,
    root_id: message.rootId ?? '',
    parent_id: message.parentId ?? '',
    msg_type: message.msgType,
    is_mention: message.mentions.some(({ openId }) => openId === app.openId),
    open_id: sender.type === 'user' ? sender.person.openId : '',
    union_id: sender.type === 'user' ? sender.person.unionId : '',
    employee_id: sender.type === 'user' ? sender.person.userId : '',
    user_open_id: sender.type === 'user' ? sender.person.openId : '',
    text,
    text_without_at_bot: withoutAt,
  };
}
