import type { Adapter, OutgoingPart, ReplyTarget } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';
import { TelegramRefusal } from './errors.ts';

/**
 * Sending and editing. The Bot API knows no idempotency key: a send whose outcome is unknown is reported as such and
 * never repeated here.
 */
export function createSender(client: Client): Required<Pick<Adapter, 'postMessage' | 'editMessage'>> {
  const moved = createMovedChats();

  /** Calls a method for a chat: at its new id where the group has become a supergroup, plain where markup is refused. */
  async function deliver<T>(
    target: ReplyTarget,
    part: OutgoingPart,
    call: (chatId: number | string, content: Record<string, unknown>) => Promise<T>,
  ): Promise<T> {
    let chatId = moved.get(target.chat.id);
    let content = part.payload;
    // At most one more try for each of the two reasons; anything else ends the loop.
    for (let tries = 0; ; tries++) {
      try {
        return await call(chatId, content);
      } catch (error) {
        if (!(error instanceof TelegramRefusal) || tries === 2) throw error;
        if (error.migratedTo !== undefined && error.migratedTo !== chatId) {
          chatId = error.migratedTo;
          moved.set(target.chat.id, chatId);
        } else if (content === part.payload && refusesMarkup(error)) {
          content = { text: part.plain, link_preview_options: { is_disabled: true } };
        } else {
          throw error;
        }
      }
    }
  }

  return {
    async postMessage(target, part, { signal }) {
      const sent = await deliver(target, part, (chatId, content) =>
        client.call('sendMessage', { chat_id: chatId, ...content, ...placeOf(target) }, { signal }),
      );
      const messageId = String(sent.message_id);
      return { messageId, refs: [messageId] };
    },

    async editMessage(target, receipt, part, { signal }) {
      const messageId = numeric(receipt.messageId);
      await deliver(target, part, async (chatId, content) => {
        try {
          await client.call('editMessageText', { chat_id: chatId, message_id: messageId, ...content }, { signal });
        } catch (error) {
          if (!(error instanceof TelegramRefusal && error.says('message is not modified'))) throw error;
        }
      });
    },
  };
}

/** In groups the answer quotes the question; in a private chat it is clear what it answers. */
function placeOf(target: ReplyTarget): Record<string, unknown> {
  return {
    message_thread_id: threadOf(target),
    reply_parameters:
      target.chat.kind === 'group'
        ? { message_id: numeric(target.messageId), allow_sending_without_reply: true }
        : undefined,
  };
}

/** The forum topic as the Bot API wants it. */
export function threadOf(target: ReplyTarget): number | undefined {
  return target.thread === undefined ? undefined : numeric(target.thread);
}

function numeric(id: string): number {
  const number = Number(id);
  if (!Number.isSafeInteger(number)) throw new ParleyError('platform_rejected', 'not an id of Telegram');
  return number;
}

function refusesMarkup(error: TelegramRefusal): boolean {
  return error.says("can't parse entities") || error.says('entity') || error.says('entities');
}

const MAX_MOVED = 1000;

/** Groups that became supergroups while this adapter lived. Conversations keep the old id until somebody writes again. */
function createMovedChats(): { get(chat: string): number; set(chat: string, id: number): void } {
  const ids = new Map<string, number>();
  return {
    get: (chat) => ids.get(chat) ?? numeric(chat),
    set(chat, id) {
      const oldest = ids.keys().next();
      if (ids.size >= MAX_MOVED && !oldest.done) ids.delete(oldest.value);
      ids.set(chat, id);
    },
  };
}
