import type { CardStore } from '../card-store.ts';
import type { Display } from '../display.ts';
import { feishuError, invalidField, invalidParameter, success } from '../errors.ts';
import type { AppIdentity } from '../events.ts';
import { newId } from '../ids.ts';
import { stringOf } from '../json.ts';
import type { Limits } from '../limits.ts';
import type { StoredMessage, World } from '../world.ts';
import { newMessage, readBotContent } from './compose.ts';
import { messageView } from './message-view.ts';
import type { ApiCallContext, Route } from './router.ts';

export interface MessageDeps {
  app: AppIdentity;
  world: World;
  cards: CardStore;
  display: Display;
  limits: Limits;
  now: () => number;
}

const RECEIVE_ID_TYPES = ['open_id', 'user_id', 'union_id', 'email', 'chat_id', 'thread_id'];
const UUID_LIFE_MS = 60 * 60_000;
const MAX_UUID_LENGTH = 50;
const MAX_UUIDS = 10_000;

/** `im.message.create` and `im.message.reply`. https://open.feishu.cn/document/server-docs/im-v1/message/create */
export function sendRoutes(deps: MessageDeps): Route[] {
  const { world, cards, display, limits, now } = deps;
  const sent = new Map<string, { message: StoredMessage; at: number }>();

  /** Sends, unless a message with the same `uuid` was sent within the last hour: then that one is the answer. */
  function once(call: ApiCallContext, send: () => StoredMessage) {
    const uuid = stringOf(call.body.uuid) ?? '';
    if (uuid.length > MAX_UUID_LENGTH) throw invalidField('uuid', `the max len is ${MAX_UUID_LENGTH}`);
    const earlier = sent.get(uuid);
    if (earlier !== undefined && now() - earlier.at < UUID_LIFE_MS) return success(messageView(earlier.message, deps));
    const message = send();
    if (uuid !== '') sent.set(uuid, { message, at: now() });
    if (sent.size > MAX_UUIDS) sent.delete(sent.keys().next().value as string);
    return success(messageView(message, deps));
  }

  function post(call: ApiCallContext, place: Parameters<typeof newMessage>[1]): StoredMessage {
    const shown = readBotContent(call, call.body.msg_type, deps);
    limits.send(place.chatId);
    const message = newMessage(shown, place, { type: 'bot' }, now());
    world.add(message);
    const entity = cards.find(message.cardId ?? '');
    if (entity !== undefined) entity.messageId = message.id;
    display.show(message, { msg_type: call.body.msg_type, content: call.body.content });
    return message;
  }

  return [
    {
      at: 'POST /open-apis/im/v1/messages',
      name: 'im.message.create',
      run: (call) =>
        once(call, () => {
          const type = call.query.get('receive_id_type') ?? '';
          if (!RECEIVE_ID_TYPES.includes(type)) {
            throw invalidField(
              'receive_id_type',
              `receive_id_type is required, options: [${RECEIVE_ID_TYPES.join(',')}]`,
            );
          }
          const receiveId = stringOf(call.body.receive_id);
          if (!receiveId) throw invalidField('receive_id', 'receive_id is required');
          const chatId = world.chatOf(type, receiveId).id;
          if (type !== 'thread_id') return post(call, { chatId });
          const rootId = world.threadRoot(receiveId)?.id;
          return post(call, { chatId, rootId, parentId: rootId, threadId: receiveId });
        }),
    },
    {
      at: 'POST /open-apis/im/v1/messages/:message_id/reply',
      name: 'im.message.reply',
      run: (call) =>
        once(call, () => {
          const target = world.message(call.params.message_id ?? '');
          if (target === undefined) throw invalidParameter('invalid message_id.');
          if (target.deleted) throw feishuError(230011);
          if (!world.chat(target.chatId)?.hasBot) throw feishuError(230002);
          const inThread = call.body.reply_in_thread === true || target.threadId !== undefined;
          const message = post(call, replyPlace(target, inThread, world));
          if (inThread) target.threadId ??= message.threadId;
          return message;
        }),
    },
  ];
}

/** Where a reply stands. Within a thread every message answers the thread's root. */
export function replyPlace(
  target: StoredMessage,
  inThread: boolean,
  world: World,
): Pick<StoredMessage, 'chatId' | 'rootId' | 'parentId' | 'threadId'> {
  const { chatId } = target;
  if (!inThread) return { chatId, rootId: target.rootId ?? target.id, parentId: target.id };
  const root = (target.threadId && world.threadRoot(target.threadId)) || target;
  return { chatId, rootId: root.id, parentId: root.id, threadId: target.threadId ?? newId('omt') };
}
