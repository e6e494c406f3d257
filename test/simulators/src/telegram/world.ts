import { badRequest } from './error.ts';
import type { Chat, Message, User } from './types.ts';

const MAX_CHATS = 10_000;
const MAX_MESSAGES = 10_000;

export interface Room {
  chat: Chat;
  /** The one person of a private chat, whose id is the chat's. */
  owner: User | undefined;
  /** By message id, oldest first. */
  messages: Map<number, Message>;
  /** Forum topics by id, with the service message that opened each. */
  topics: Map<number, Message>;
  topicNames: Map<string, number>;
}

/** People, chats and messages around the one bot. */
export interface World {
  readonly bot: User;
  person(name: string): User;
  /**
   * The chat of that name or number; made on first use. `from` is whom a private chat is with: since Telegram has one private
   * chat per person, a second one `from` the same name is with a namesake.
   */
  room(name: string, options: { kind: 'direct' | 'group' | undefined; from: string }): Room;
  find(name: string): Room | undefined;
  /** The chat a call names; throws the Bot API's own errors, that of an upgraded group among them. */
  resolve(chatId: unknown): Room;
  /** The topic of that name or number in a group, made on first use (which makes the group a forum). */
  topic(room: Room, name: string, creator: User): number;
  store(room: Room, message: Message): void;
  nextMessageId(room: Room): number;
  /** Gives a group the new id of a supergroup. */
  migrate(name: string): { room: Room; from: Chat; to: Chat };
}

/** Makes a world with nobody in it but the bot. */
export function createWorld(): World {
  const bot: User = { id: 7_000_000_001, is_bot: true, first_name: 'Parley', username: 'parley_sim_bot' };
  const people = new Map<string, User>();
  const rooms = new Map<number, Room>();
  const names = new Map<string, number>();
  const migrated = new Map<number, number>();
  /** Private chats and basic groups share one sequence of message ids; every supergroup has its own. */
  let sharedMessageId = 0;
  const ownMessageIds = new Map<number, number>();

  function open(name: string, chat: Chat, owner?: User): Room {
    const room: Room = { chat, owner, messages: new Map(), topics: new Map(), topicNames: new Map() };
    rooms.set(chat.id, room);
    names.set(name, chat.id);
    if (rooms.size > MAX_CHATS) rooms.delete(rooms.keys().next().value as number);
    if (names.size > MAX_CHATS) names.delete(names.keys().next().value as string);
    return room;
  }

  function addPerson(key: string, name: string, id: number | undefined): User {
    if (people.size >= MAX_CHATS) throw new Error(`More than ${MAX_CHATS} people.`);
    const person: User = {
      id: id ?? (/^\d{1,15}$/.test(name) ? Number(name) : 100_000_001 + people.size),
      is_bot: false,
      first_name: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      username: name.replaceAll(/\W/g, '_').padEnd(5, '_'),
      language_code: 'en',
    };
    people.set(key, person);
    return person;
  }

  const world: World = {
    bot,

    person: (name) => people.get(name) ?? addPerson(name, name, undefined),

    room(name, { kind, from }) {
      const known = world.find(name);
      if (known !== undefined) return known;
      const number = /^-?\d{1,15}$/.test(name) ? Number(name) : undefined;
      const isGroup = number === undefined ? kind === 'group' : number < 0;
      if (isGroup) {
        const id = number ?? -1_002_000_000_001 - rooms.size;
        return open(name, { id, type: id < -1_000_000_000_000 ? 'supergroup' : 'group', title: name });
      }
      const person = people.get(from) ?? addPerson(from, from, number);
      const isFree = !rooms.has(person.id) && (number === undefined || person.id === number);
      const owner = isFree ? person : addPerson(`${from} in ${name}`, from, number);
      const { id, first_name, username } = owner;
      return open(name, { id, type: 'private', first_name, ...(username && { username }) }, owner);
    },

    find: (name) => rooms.get(names.get(name) ?? Number(name)),

    resolve(chatId) {
      if (chatId === undefined || chatId === '') throw badRequest('chat_id is empty');
      const number = Number(chatId);
      const target = migrated.get(number);
      if (target !== undefined) {
        throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: target });
      }
      const room = Number.isSafeInteger(number) ? rooms.get(number) : undefined;
      if (room === undefined) throw badRequest('chat not found');
      return room;
    },

    topic(room, name, creator) {
      const number = room.topicNames.get(name) ?? (/^\d{1,9}$/.test(name) ? Number(name) : undefined);
      if (number !== undefined && room.topics.has(number)) return number;
      if (room.chat.type === 'group') throw new Error('Only supergroups and private chats have topics.');
      if (room.chat.type === 'supergroup') room.chat.is_forum = true;
      const id = number ?? world.nextMessageId(room);
      ownMessageIds.set(room.chat.id, Math.max(ownMessageIds.get(room.chat.id) ?? 0, id));
      const opened: Message = {
        message_id: id,
        message_thread_id: id,
        is_topic_message: true,
        from: creator,
        chat: room.chat,
        date: now(),
        forum_topic_created: { name, icon_color: 7_322_096 },
      };
      room.topics.set(id, opened);
      room.topicNames.set(name, id);
      if (room.topics.size > MAX_MESSAGES) throw new Error(`More than ${MAX_MESSAGES} topics in one chat.`);
      return id;
    },

    store(room, message) {
      room.messages.set(message.message_id, message);
      if (room.messages.size > MAX_MESSAGES) room.messages.delete(room.messages.keys().next().value as number);
    },

    nextMessageId({ chat }) {
      if (chat.type !== 'supergroup') {
        sharedMessageId += 1;
        return sharedMessageId;
      }
      const id = (ownMessageIds.get(chat.id) ?? 0) + 1;
      ownMessageIds.set(chat.id, id);
      return id;
    },

    migrate(name) {
      const room = world.find(name);
      if (room === undefined || room.chat.type === 'private') throw new Error(`${name} is not a group.`);
      const from = { ...room.chat };
      const to: Chat = { ...from, id: -1_003_000_000_001 - migrated.size, type: 'supergroup' };
      const next = open(name, to);
      rooms.delete(from.id);
      migrated.set(from.id, to.id);
      if (migrated.size > MAX_CHATS) migrated.delete(migrated.keys().next().value as number);
      return { room: next, from, to };
    },
  };
  return world;
}

/** Unix time in seconds, Telegram's clock. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}
