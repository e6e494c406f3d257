import type { AnswerStream, OutgoingPart, Receipt, ReplyTarget, StreamOptions } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';
import { isCardRefused } from './errors.ts';
import { type Card, derivedKey, type Messages } from './messages.ts';
import { plainCard } from './stream-card.ts';

/** What carries one answer to its readers while it grows. Same promises as `AnswerStream`. */
export interface Carrier {
  readonly intervalMs: number;
  readonly cost: NonNullable<AnswerStream['cost']>;
  /** @param content card markdown, not empty */
  update(content: string): Promise<void>;
  finish(part: OutgoingPart): Promise<Receipt>;
}

export interface StreamContext {
  client: Client;
  messages: Messages;
  target: ReplyTarget;
  options: StreamOptions;
}

/**
 * The `uuid` of the message an answer grows in. Not the key itself: under that one `postMessage` must be able to send
 * the part anew, and Feishu would answer with the message that could not be made to show it.
 */
export function streamKey({ idempotencyKey }: StreamOptions): string {
  return derivedKey(idempotencyKey, 'stream');
}

/** Shows the part as a card, or its plain text where Feishu does not take the card. */
export async function showPart<T>(part: OutgoingPart, show: (card: Card) => Promise<T>): Promise<T> {
  try {
    return await show(part.payload);
  } catch (error) {
    if (!isCardRefused(error)) throw error;
    return await show(plainCard(part.plain));
  }
}

/** Asking again will not help. */
export function isFinal(thrown: unknown): boolean {
  return (
    thrown instanceof ParleyError && (thrown.code === 'platform_rejected' || thrown.code === 'platform_unauthorized')
  );
}
