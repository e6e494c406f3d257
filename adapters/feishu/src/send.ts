import type { Adapter } from '@parley/core/adapter';
import { isCardRefused } from './errors.ts';
import { cardBody, derivedKey, type Messages, textBody } from './messages.ts';

/** Sends parts as cards and edits them; what Feishu does not take as a card goes out as a text message. */
export function createSender(messages: Messages): Required<Pick<Adapter, 'postMessage' | 'editMessage'>> {
  return {
    async postMessage(target, part, { idempotencyKey, signal }) {
      try {
        return await messages.post(target, cardBody(part.payload), idempotencyKey, signal);
      } catch (error) {
        if (!isCardRefused(error)) throw error;
        return await messages.post(target, textBody(part.plain), derivedKey(idempotencyKey, 'text'), signal);
      }
    },

    async editMessage(_target, receipt, part, { signal }) {
      try {
        await messages.patch(receipt.messageId, part.payload, signal);
      } catch (error) {
        // It was sent as text, because Feishu took no card: a text is changed by another method.
        if (!isCardRefused(error)) throw error;
        await messages.update(receipt.messageId, part.plain, signal);
      }
    },
  };
}
