import type { ReplyTarget } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { TelegramRefusal } from './errors.ts';

/** Where chats are now: a group that becomes a supergroup gets another id. */
export interface Chats {
  /** Calls `use` with the chat's id, and once more with the new one where Telegram says that the group has moved. */
  follow<T>(target: Pick<ReplyTarget, 'chat'>, use: (chatId: number) => Promise<T>): Promise<T>;
}

const MAX_MOVED = 1000;

/** Groups that moved while this adapter lived. Conversations keep the old id until somebody writes again. */
export function createChats(): Chats {
  const moved = new Map<string, number>();

  function remember(chat: string, id: number): void {
    const oldest = moved.keys().next();
    if (moved.size >= MAX_MOVED && !oldest.done) moved.delete(oldest.value);
    moved.set(chat, id);
  }

  return {
    async follow({ chat }, use) {
      const chatId = moved.get(chat.id) ?? numeric(chat.id);
      try {
        return await use(chatId);
      } catch (error) {
        const movedTo = error instanceof TelegramRefusal ? error.migratedTo : undefined;
        if (movedTo === undefined || movedTo === chatId) throw error;
        remember(chat.id, movedTo);
        return use(movedTo);
      }
    },
  };
}

/** In groups the answer quotes the question; in a private chat it is clear what it answers. */
export function placeOf(target: ReplyTarget): Record<string, unknown> {
  return {
    message_thread_id: threadOf(target),
    reply_parameters:
      target.chat.kind === 'group'
        ? { message_id: numeric(target.messageId), allow_sending_without_reply: true }
        : undefined,
  };
}

/** The forum topic as the Bot API wants it. */
export function threadOf(target: Pick<ReplyTarget, 'thread'>): number | undefined {
  return target.thread === undefined ? undefined : numeric(target.thread);
}

/** An id as the Bot API wants it. */
export function numeric(id: string): number {
  const number = Number(id);
  if (!Number.isSafeInteger(number)) throw new ParleyError('platform_rejected', 'not an id of Telegram');
  return number;
}
