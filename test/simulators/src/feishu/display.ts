import type { ChatLog } from '../shared/index.ts';
import type { CardStore } from './card-store.ts';
import { renderCard } from './card-text.ts';
import { renderContent } from './content.ts';
import type { StoredMessage, World } from './world.ts';

/** Keeps the chat log showing what the messages of the world look like to people. */
export interface Display {
  /** A new message; `raw` is the payload that made it. */
  show(message: StoredMessage, raw: unknown): void;
  /** The message, or the card it shows, has changed. */
  refresh(message: StoredMessage, raw: unknown): void;
  remove(message: StoredMessage): void;
}

export function createDisplay(deps: { world: World; cards: CardStore; log: ChatLog; botOpenId: string }): Display {
  const { world, cards, log } = deps;

  function textOf(message: StoredMessage): string {
    const nameOf = (id: string) => message.mentions.find(({ key }) => key === id)?.name ?? world.nameOf(id);
    const card = message.cardId === undefined ? undefined : cards.find(message.cardId)?.card;
    if (card !== undefined || message.msgType === 'interactive') return renderCard(card ?? message.content, nameOf);
    return renderContent(message.msgType, message.content, nameOf);
  }

  return {
    show(message, raw) {
      const { sender } = message;
      const isBot = sender.type === 'bot';
      log.add({
        id: message.id,
        chat: message.chatId,
        thread: message.threadId,
        replyTo: message.parentId,
        author: sender.type === 'user' ? 'person' : 'bot',
        authorId: isBot ? deps.botOpenId : sender.type === 'user' ? sender.person.openId : sender.openId,
        text: textOf(message),
        raw,
        at: message.createdAt,
      });
    },
    refresh: (message, raw) => void log.edit(message.chatId, message.id, textOf(message), raw),
    remove: (message) => void log.remove(message.chatId, message.id),
  };
}
