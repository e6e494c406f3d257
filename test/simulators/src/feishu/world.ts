import { feishuError, invalidParameter } from './errors.ts';
import { idFromName, newId } from './ids.ts';
import type { JsonObject } from './json.ts';

export interface Person {
  name: string;
  openId: string;
  unionId: string;
  userId: string;
}

export interface Chat {
  id: string;
  kind: 'p2p' | 'group';
  /** Who the bot talks with in a p2p chat. */
  person?: Person;
  hasBot: boolean;
}

export interface Reaction {
  id: string;
  emojiType: string;
  /** open_id of a person, or the app's id. */
  operatorId: string;
  operatorType: 'user' | 'app';
  at: number;
}

export interface Mention {
  /** `@_user_1`: stands in the text. */
  key: string;
  openId: string;
  name: string;
}

export interface StoredMessage {
  id: string;
  chatId: string;
  rootId?: string | undefined;
  parentId?: string | undefined;
  threadId?: string | undefined;
  msgType: string;
  content: JsonObject;
  mentions: Mention[];
  /** `bot` is the app under test, `app` some other bot. */
  sender: { type: 'user'; person: Person } | { type: 'bot' } | { type: 'app'; openId: string };
  createdAt: number;
  updatedAt: number;
  deleted: boolean;
  edits: number;
  reactions: Reaction[];
  /** The CardKit entity it shows. */
  cardId?: string | undefined;
  /** Files by their key. */
  resources: Map<string, { bytes: Uint8Array; name: string }>;
}

/** People, chats and messages of one tenant. */
export interface World {
  person(name: string): Person;
  /** The chat with this id; made when `kind` is given and there is none. */
  chat(id: string, kind?: Chat['kind'], person?: Person): Chat | undefined;
  /** The chat a `receive_id` means. Throws what the API answers for one that does not exist. */
  chatOf(receiveIdType: string, receiveId: string): Chat;
  add(message: StoredMessage): void;
  message(id: string): StoredMessage | undefined;
  /** Oldest first, deleted ones too. */
  messagesIn(where: { chatId: string } | { threadId: string }): StoredMessage[];
  /** The message a thread began with. */
  threadRoot(threadId: string): StoredMessage | undefined;
  /** Name of whoever has this open, union or user id; the id itself for a stranger. */
  nameOf(id: string): string;
}

const MAX_MESSAGES = 50_000;
const MAX_PARTIES = 50_000;

/** Makes an empty tenant in which only the bot (`bot`) exists. Beyond 50,000 messages the oldest are forgotten. */
export function createWorld(bot: { openId: string; name: string }): World {
  const people = new Map<string, Person>();
  const chats = new Map<string, Chat>();
  const messages = new Map<string, StoredMessage>();

  function find(id: string): Person | undefined {
    for (const person of people.values()) {
      if (person.openId === id || person.unionId === id || person.userId === id) return person;
    }
    return undefined;
  }

  const world: World = {
    person(name) {
      let person = people.get(name);
      if (person === undefined) {
        person = {
          name,
          openId: idFromName('ou', name),
          unionId: idFromName('on', name),
          userId: idFromName('u', name),
        };
        if (people.size >= MAX_PARTIES) throw new Error(`More than ${MAX_PARTIES} people.`);
        people.set(name, person);
      }
      return person;
    },

    chat(id, kind, person) {
      const known = chats.get(id);
      if (known !== undefined || kind === undefined) return known;
      if (chats.size >= MAX_PARTIES) throw new Error(`More than ${MAX_PARTIES} chats.`);
      const chat: Chat = { id, kind, hasBot: true, ...(kind === 'p2p' && person ? { person } : {}) };
      chats.set(id, chat);
      return chat;
    },

    chatOf(receiveIdType, receiveId) {
      if (receiveIdType === 'chat_id' || receiveIdType === 'thread_id') {
        const chatId = receiveIdType === 'chat_id' ? receiveId : world.threadRoot(receiveId)?.chatId;
        const chat = chats.get(chatId ?? '');
        if (chat === undefined)
          throw invalidParameter(`invalid ${receiveIdType === 'chat_id' ? 'receive_id' : 'thread_id'}.`);
        if (!chat.hasBot) throw feishuError(230002);
        return chat;
      }
      const person = find(receiveId);
      if (person === undefined) throw invalidParameter('invalid receive_id.');
      for (const chat of chats.values()) if (chat.person === person) return chat;
      return world.chat(newId('oc'), 'p2p', person) as Chat;
    },

    add(message) {
      messages.set(message.id, message);
      if (messages.size > MAX_MESSAGES) messages.delete(messages.keys().next().value as string);
    },

    message: (id) => messages.get(id),

    messagesIn(where) {
      const isThere = (message: StoredMessage) =>
        'threadId' in where ? message.threadId === where.threadId : message.chatId === where.chatId;
      return [...messages.values()].filter(isThere);
    },

    threadRoot: (threadId) => world.messagesIn({ threadId })[0],

    nameOf: (id) => (id === bot.openId ? bot.name : (find(id)?.name ?? id)),
  };
  return world;
}
