import type { Receipt } from '@parley/core/adapter';
import { createCard, openCard } from './cardkit.ts';
import { isCardAlreadySent, isCardRefused, isStreamClosed } from './errors.ts';
import { cardBody } from './messages.ts';
import { createSender } from './send.ts';
import { createSequence, SEQUENCE_BLOCK } from './sequence.ts';
import { ABANDONED_CARD, streamingCard } from './stream-card.ts';
import { type Carrier, isFinal, type StreamContext, showPart, streamKey } from './stream-carrier.ts';
import { createMessageCarrier } from './stream-message.ts';
import type { CardState } from './stream-state.ts';

/** Ten operations a second are allowed on one card; readers see no difference above this pace. */
export const CARD_INTERVAL_MS = 400;

/** Makes a streaming card that holds `content` and records it; it is not visible before the carrier's first update. */
export async function beginCardStream(context: StreamContext, content: string): Promise<Carrier> {
  const { client, options } = context;
  const cardId = await createCard(client, streamingCard(content), options.signal);
  const state: CardState = { via: 'card', cardId, sequence: SEQUENCE_BLOCK };
  await options.save(state);
  return createCardCarrier(context, state, { used: 0, shown: content });
}

/** Goes on with a card that an earlier attempt made, whether its message was sent or not. */
export function resumeCardStream(context: StreamContext, earlier: CardState): Carrier {
  return createCardCarrier(context, earlier, { used: earlier.sequence, shown: undefined });
}

function createCardCarrier(
  context: StreamContext,
  initial: CardState,
  begun: { used: number; shown: string | undefined },
): Carrier {
  const { client, messages, target, options } = context;
  const { save, signal } = options;
  let state = initial;
  let { shown } = begun;
  let isClosed = false;
  let successor: Carrier | undefined;

  const numbers = createSequence({ reserved: initial.sequence, used: begun.used }, (sequence) => change({ sequence }));
  const card = openCard(client, initial.cardId, numbers, signal);

  async function change(part: Partial<CardState>): Promise<void> {
    const changed = { ...state, ...part };
    await save(changed, part.messageId);
    state = changed;
  }

  /** The id of the message; sends it if need be. */
  async function sent(): Promise<string> {
    if (state.messageId !== undefined) return state.messageId;
    const body = cardBody({ type: 'card', data: { card_id: state.cardId } });
    const { messageId } = await messages.post(target, body, streamKey(options), signal);
    await change({ messageId });
    return messageId;
  }

  async function write(content: string): Promise<void> {
    if (!isClosed) {
      try {
        return await card.write(content);
      } catch (error) {
        if (!isStreamClosed(error)) throw error;
        isClosed = true;
      }
    }
    // Needs no open stream.
    await card.replace(streamingCard(content));
  }

  async function closeStream(): Promise<void> {
    try {
      await card.closeStream();
    } catch (error) {
      // The card that is put in its place next has no streaming mode either; what matters is whether that is taken.
      if (!isFinal(error)) throw error;
    }
  }

  /** Nobody shall take the fragment for the answer, nor wait for the rest of it. Best effort. */
  async function abandonCard(): Promise<void> {
    await closeStream().catch(() => undefined);
    await card.replace(ABANDONED_CARD).catch(() => undefined);
  }

  return {
    // Closing the stream, and the final card.
    cost: { update: 1, finish: 2 },
    get intervalMs() {
      return successor?.intervalMs ?? CARD_INTERVAL_MS;
    },

    async update(content) {
      await sent();
      if (content === shown) return;
      await write(content);
      shown = content;
    },

    async finish(part): Promise<Receipt> {
      if (successor) return successor.finish(part);
      let messageId: string;
      try {
        messageId = await sent();
      } catch (error) {
        // Sent more than an hour ago, and the answer that named the message was lost: it cannot be edited as a message.
        if (isCardAlreadySent(error)) await abandonCard();
        else if (isCardRefused(error)) return createSender(messages).postMessage(target, part, options);
        throw error;
      }
      try {
        // First, so that the card is at last exactly what `postMessage` would have sent.
        await closeStream();
        await showPart(part, card.replace);
        return { messageId, refs: [messageId] };
      } catch (error) {
        if (!isFinal(error)) throw error;
      }
      // CardKit does not let go of the card or has forgotten it: the message can still be given another one.
      const edited = { via: 'message', messageId } as const;
      await save(edited);
      successor = createMessageCarrier(context, edited);
      try {
        return await successor.finish(part);
      } catch (error) {
        if (isFinal(error)) await abandonCard();
        throw error;
      }
    },
  };
}
