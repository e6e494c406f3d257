import { isTargetGone } from './errors.ts';
import { cardOf } from './format.ts';
import { type Card, cardBody } from './messages.ts';
import { ABANDONED_CARD } from './stream-card.ts';
import { atLeastOnce, type Carrier, isFinal, type StreamContext, showPart, streamKey } from './stream-carrier.ts';
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
  let isSaved = earlier !== undefined;
  let shown: Card | undefined;
  let previews = 0;

  async function show(card: Card): Promise<void> {
    if (messageId === undefined) await send(card);
    if (shown !== card) await messages.patch(known(), card, signal);
    shown = card;
  }

  /** Feishu answers a repeated send with the message of the first one, which may show something else. */
  async function send(card: Card): Promise<void> {
    const isFirst = !isSaved;
    if (isFirst) await save({ via: 'message' } satisfies MessageState);
    isSaved = true;
    const post = () => messages.post(target, cardBody(card), streamKey(options), signal);
    const receipt = await atLeastOnce(post, signal);
    if (isFirst) shown = card;
    messageId = receipt.messageId;
    await save({ via: 'message', messageId } satisfies MessageState);
  }

  const known = () => messageId ?? '';

  return {
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
        await showPart(part, show);
      } catch (error) {
        if (isFinal(error) && messageId !== undefined && !isTargetGone(error)) {
          // Best effort: what is told is why the answer itself could not be shown.
          await messages.patch(messageId, ABANDONED_CARD, signal).catch(() => undefined);
        }
        throw error;
      }
      return { messageId: known(), refs: [known()] };
    },
  };
}
