import type { StreamState } from '@parley/core/adapter';
import { z } from 'zod';

const cardState = z.object({
  via: z.literal('card'),
  cardId: z.string().min(1),
  /** The end of the block of operation numbers that was reserved last. */
  sequence: z.int().min(0),
  /** Absent until Feishu has answered the send; the message may be there all the same. */
  messageId: z.string().min(1).optional(),
});
const messageState = z.object({ via: z.literal('message'), messageId: z.string().min(1).optional() });

/** An answer streamed into a card of CardKit. */
export type CardState = z.output<typeof cardState>;
/** An answer shown by edits of an ordinary card message. */
export type MessageState = z.output<typeof messageState>;

const states = z.discriminatedUnion('via', [cardState, messageState]);

/**
 * What an earlier attempt saved. A state that cannot be read counts as none: the send is then repeated under the same
 * `uuid`, and Feishu shows no second message for it.
 */
export function readState(earlier: StreamState | undefined): CardState | MessageState | undefined {
  return earlier && states.safeParse(earlier).data;
}
