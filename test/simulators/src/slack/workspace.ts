import { createHash } from 'node:crypto';
import type { Conversation, Person, SlackMessage } from './types.ts';

const MAX_CONVERSATIONS = 10_000;
const MAX_PEOPLE = 10_000;
const MAX_MESSAGES = 10_000;

/** People, conversations and messages of the one workspace the simulator plays. */
export interface Workspace {
  readonly teamId: string;
  readonly teamDomain: string;
  readonly appId: string;
  readonly bot: Person & { botId: string };
  /** The person of that name or id; made on first use. */
  person(name: string): Person;
  findPerson(id: string): Person | undefined;
  /** The conversation of that name or id; made on first use. `user` is whom a direct message is with. */
  conversation(name: string, options: { kind: 'direct' | 'group' | undefined; user: string }): Conversation;
  find(nameOrId: string): Conversation | undefined;
  /** The direct message of that id, with somebody nobody has heard of; undefined where there are no strangers. */
  withStranger(id: string): Conversation | undefined;
  directWith(userId: string): Conversation;
  store(conversation: Conversation, message: SlackMessage): void;
  /** A new message timestamp, unique in the workspace and rising. */
  nextTs(): string;
  /** A new id such as `Ev00000000A7`. */
  nextId(prefix: string): string;
}

/** Makes a workspace that holds nobody but the bot. */
export function createWorkspace({ strangers = false }: { strangers?: boolean | undefined } = {}): Workspace {
  const bot = { id: 'U0PARLEYBOT', botId: 'B0PARLEYBOT', name: 'parley', locale: 'en-US', isBot: true };
  const people = new Map<string, Person>([[bot.id, bot]]);
  const conversations = new Map<string, Conversation>();
  const ids = new Map<string, string>();
  let lastMicros = 0;
  let counter = 0;

  function add(id: string, name: string, user: string | undefined): Conversation {
    const conversation: Conversation = { id, name, isIm: user !== undefined, user, messages: new Map() };
    conversations.set(id, conversation);
    ids.set(name, id);
    if (conversations.size > MAX_CONVERSATIONS) conversations.delete(conversations.keys().next().value as string);
    if (ids.size > MAX_CONVERSATIONS) ids.delete(ids.keys().next().value as string);
    return conversation;
  }

  const workspace: Workspace = {
    teamId: 'T0SIMULATOR',
    teamDomain: 'simulator',
    appId: 'A0PARLEYAPP',
    bot,

    person(name) {
      const id = /^[UW][A-Z0-9]{4,}$/.test(name) ? name : makeId('U', name);
      const known = people.get(id);
      if (known !== undefined) return known;
      const person: Person = { id, name: name.toLowerCase(), locale: 'en-US', isBot: false };
      people.set(id, person);
      if (people.size > MAX_PEOPLE) people.delete([...people.keys()][1] as string); // the first is the bot
      return person;
    },

    findPerson: (id) => people.get(id),

    conversation(name, { kind, user }) {
      const known = workspace.find(name);
      if (known !== undefined) return known;
      const isId = /^[CDG][A-Z0-9]{4,}$/.test(name);
      const isGroup = isId ? !name.startsWith('D') : kind === 'group';
      return add(isId ? name : makeId(isGroup ? 'C' : 'D', name), name, isGroup ? undefined : user);
    },

    find: (nameOrId) => conversations.get(nameOrId) ?? conversations.get(ids.get(nameOrId) ?? ''),

    withStranger: (id) =>
      strangers && /^D[A-Z0-9]{4,}$/.test(id) ? add(id, id, workspace.person(`U${id.slice(1)}`).id) : undefined,

    directWith(userId) {
      for (const conversation of conversations.values()) if (conversation.user === userId) return conversation;
      return add(`D${userId.slice(1)}`, userId, userId);
    },

    store(conversation, message) {
      conversation.messages.set(message.ts, message);
      const oldest = conversation.messages.keys().next().value as string;
      if (conversation.messages.size > MAX_MESSAGES) conversation.messages.delete(oldest);
    },

    nextTs() {
      lastMicros = Math.max(Date.now() * 1000, lastMicros + 1);
      return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
    },

    nextId(prefix) {
      counter += 1;
      return `${prefix}${counter.toString(36).toUpperCase().padStart(10, '0')}`;
    },
  };
  return workspace;
}

/** An id in Slack's alphabet that still shows the name in a transcript, or a digest of it where it cannot. */
function makeId(prefix: string, name: string): string {
  const letters = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  const unchanged = letters === name.toUpperCase() && letters.length <= 20;
  return `${prefix}0${unchanged ? letters.padEnd(4, '0') : createHash('sha256').update(name).digest('hex').slice(0, 9).toUpperCase()}`;
}
