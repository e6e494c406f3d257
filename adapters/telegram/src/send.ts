import type { Adapter } from '@parley/core/adapter';
import { type Chats, numeric, placeOf } from './chats.ts';
import type { Client } from './client.ts';
import { editText, withMarkup } from './edit.ts';

/**
 * Sending and editing. The Bot API knows no idempotency key: a send whose outcome is unknown is reported as such and
 * never repeated here.
 */
export function createSender(client: Client, chats: Chats): Required<Pick<Adapter, 'postMessage' | 'editMessage'>> {
  return {
    async postMessage(target, part, { signal }) {
      const sent = await chats.follow(target, (chatId) =>
        withMarkup(part, (content) =>
          client.call('sendMessage', { chat_id: chatId, ...content, ...placeOf(target) }, { signal }),
        ),
      );
      const messageId = String(sent.message_id);
      return { messageId, refs: [messageId] };
    },

    async editMessage(target, receipt, part, { signal }) {
      const messageId = numeric(receipt.messageId);
      await chats.follow(target, (chatId) => editText(client, { chatId, messageId }, part, { signal }));
    },
  };
}
