import { react } from './api/reactions.ts';
import type { Display } from './display.ts';
import type { AppIdentity, EventFactory, FeishuEvent } from './events.ts';
import { compose, idOf } from './people.ts';
import type { FeishuSimulator } from './types.ts';
import type { StoredMessage, World } from './world.ts';

/** What people do in the chats, each with the event that Feishu sends for it. */
export type Controls = Pick<
  FeishuSimulator,
  'say' | 'edit' | 'remove' | 'react' | 'reactions' | 'read' | 'addBot' | 'removeBot'
>;

export function createControls(deps: {
  app: AppIdentity;
  world: World;
  display: Display;
  events: EventFactory;
  deliver: (event: FeishuEvent) => void;
  now: () => number;
}): Controls {
  const { app, world, display, events, deliver, now } = deps;

  function personsMessage(chat: string, messageId: string): StoredMessage {
    const message = world.message(messageId);
    if (message?.chatId !== idOf('oc', chat) || message.deleted) throw new Error(`No message ${messageId} in ${chat}.`);
    if (message.sender.type !== 'user') throw new Error(`Message ${messageId} in ${chat} is a bot's.`);
    return message;
  }

  return {
    async say(input) {
      const { message, chat } = compose(input, { app, world, now: now() });
      display.show(message, message.content);
      if (chat.hasBot) deliver(events.received(message, chat));
      return { id: message.id, chat: chat.id };
    },

    // Feishu documents no event for a person's edit, so the hub hears nothing of it.
    async edit(chat, messageId, text) {
      const message = personsMessage(chat, messageId);
      if (message.msgType !== 'text') throw new Error(`Message ${messageId} is no text.`);
      Object.assign(message, { content: { text }, mentions: [], edits: message.edits + 1, updatedAt: now() });
      display.refresh(message, message.content);
    },

    async remove(chat, messageId) {
      const message = personsMessage(chat, messageId);
      message.deleted = true;
      display.remove(message);
      deliver(events.recalled(message));
    },

    react(messageId, emojiType, from = 'alice') {
      const message = world.message(messageId);
      if (message === undefined) throw new Error(`No message ${messageId}.`);
      const person = world.person(from);
      react(message, emojiType, { id: person.openId, type: 'user' }, now());
      deliver(events.reacted(message, emojiType, person));
    },

    reactions: (messageId) => [...(world.message(messageId)?.reactions ?? [])],
    read: (messageIds, from = 'alice') => deliver(events.read(messageIds, world.person(from))),

    addBot(name, from = 'alice') {
      const chat = world.chat(idOf('oc', name), 'group');
      if (chat === undefined) return;
      chat.hasBot = true;
      deliver(events.botAdded(chat, world.person(from)));
    },

    removeBot(name) {
      const chat = world.chat(idOf('oc', name));
      if (chat !== undefined) chat.hasBot = false;
    },
  };
}
