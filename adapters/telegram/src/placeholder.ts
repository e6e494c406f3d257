import type { OutgoingPart, Receipt, ReplyTarget, StreamOptions, StreamState } from '@parley/core/adapter';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { type Chats, placeOf } from './chats.ts';
import type { CallOptions, Client } from './client.ts';
import { editText, type SentMessage } from './edit.ts';

/**
 * The message that becomes the answer. It begins as `…`, its id is recorded, and only then does it say anything: so
 * whatever is lost on the way, at most a `…` is left behind, and the answer never stands there twice.
 */
export interface Placeholder {
  /** Its id is known: from now on showing something is one edit. */
  readonly stands: boolean;
  /** Sends the `…`. After a call whose outcome is unknown the next one sends another. */
  place(): Promise<void>;
  /** Makes it show this part and nothing else. `platform_rejected`: it can no longer be made to. */
  show(part: OutgoingPart, options: CallOptions): Promise<Receipt>;
  /** Takes it away as far as that can be done; never fails. */
  remove(): Promise<void>;
}

const TEXT = '…';
/** Enough to outlive a short outage with the caller's growing pauses, few enough not to litter the chat. */
const MAX_PLACEHOLDERS = 6;
/** Tidying up may not hold up the answer. */
const TIDY_TIMEOUT_MS = 5_000;

const placedState = z.object({ messageId: z.number().int(), chatId: z.number().int() });
const placingState = z.object({ stage: z.literal('placing'), placeholders: z.number().int().min(1) });

export function createPlaceholder(
  client: Client,
  chats: Chats,
  target: ReplyTarget,
  { save, signal }: Pick<StreamOptions, 'save' | 'signal'>,
  earlier: StreamState | undefined,
): Placeholder {
  let message: SentMessage | undefined = placedState.safeParse(earlier).data;
  let recorded = message !== undefined;
  /** Sends that may have reached the chat without our learning the message's id. */
  let doubtful = placingState.safeParse(earlier).data?.placeholders ?? 0;

  async function send(): Promise<SentMessage> {
    if (doubtful >= MAX_PLACEHOLDERS) {
      const reason = `sendMessage: the outcome of ${doubtful} placeholders is unknown`;
      throw new ParleyError('platform_unavailable', reason, { outcomeUnknown: true });
    }
    await save({ stage: 'placing', placeholders: doubtful + 1 });
    try {
      return await chats.follow(target, async (chatId) => {
        const payload = { chat_id: chatId, text: TEXT, ...placeOf(target) };
        const sent = await client.call('sendMessage', payload, { signal });
        return { chatId, messageId: sent.message_id };
      });
    } catch (error) {
      if (toParleyError(error).outcomeUnknown) doubtful++;
      throw error;
    }
  }

  async function place(): Promise<SentMessage> {
    message ??= await send();
    // Until it is recorded it must say nothing: a worker that takes over would send another and answer there too.
    if (!recorded) await save({ ...message });
    recorded = true;
    return message;
  }

  return {
    get stands() {
      return recorded;
    },
    async place() {
      await place();
    },
    async show(part, options) {
      const placed = await place();
      await editText(client, placed, part, options);
      const messageId = String(placed.messageId);
      return { messageId, refs: [messageId] };
    },
    async remove() {
      if (!message) return;
      const payload = { chat_id: message.chatId, message_id: message.messageId };
      await client.call('deleteMessage', payload, { signal, timeoutMs: TIDY_TIMEOUT_MS }).catch(() => undefined);
    },
  };
}
