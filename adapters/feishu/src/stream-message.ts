import { isTargetGone } from './errors.ts';
import { cardOf } from './format.ts';
import { type Card, cardBody } from './messages.ts';
import { ABANDONED_CARD } from './stream-card.ts';
import { type Carrier, isFinal, type StreamContext, showPart, streamKey } from './stream-carrier.ts';
import type { MessageState } from './stream-state.ts';

/** Five updates a second are allowed to one message, and to one chat; others want to speak there too. */
const INTERVAL_MS = 1_000;
/** Feishu lets a text be edited 20 times and says nothing about cards, for which people report the same. */
const MAX_PREVIEWS = 15;
/** So that those are enough for a minute. */
const STRETCH_MS = 500;

/**
 * An answer that grows by edits of an ordinary card message: where CardKit is not to be had, and where a card of
 * CardKit can no longer be changed.
 *
 * @param earlier what is known of the message; absent when nothing was sent yet
 */
export function createMessageCarrier(
  { messages, target, options }: StreamContext,
  earlier: MessageState | undefined,
): Carrier {
  const { save, signal } = options;
  let messageId = earlier?.messageId;
  let isAnnounced = earlier !== undefined;
  let shown: Card | undefined;
  let previews = 0;

  /** Resolves with the message's id. */
  async function show(card: Card): Promise<string> {
    messageId ??= await send(card);
    if (shown !== card) await messages.patch(messageId, card, signal);
    shown = card;
    return messageId;
  }

  async function send(card: Card): Promise<string> {
    const isFirst = !isAnnounced;
    if (isFirst) await save({ via: 'message' } satisfies MessageState);
    isAnnounced = true;
    const sent = await messages.post(target, cardBody(card), streamKey(options), signal);
    // A repeated send may have been answered with the message of the first, which shows something else.
    if (isFirst) shown = card;
    await save({ via: 'message', messageId: sent.messageId } satisfies MessageState, sent.messageId);
    return sent.messageId;
  }

  return {
    cost: { update: 1, finish: 1 },
    get intervalMs() {
      return INTERVAL_MS + previews * STRETCH_MS;
    },

    async update(content) {
      if (previews >= MAX_PREVIEWS) return;
      previews++;
      await show(cardOf(content));
    },

    async finish(part) {
      try {
        const id = await showPart(part, show);
        return { messageId: id, refs: [id] };
      } catch (error) {
        if (isFinal(error) && messageId !== undefined && !isTargetGone(error)) {
          // Best effort: what is told is why the answer itself could not be shown.
          await messages.patch(messageId, ABANDONED_CARD, signal).catch(() => undefined);
        }
        throw error;
      }
    },
  };
}
