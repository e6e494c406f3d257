import type { ChannelConfig } from '../config/schema.ts';
import type { Message } from '../message/index.ts';
import type { Envelope } from './entry.ts';

/** Who ends a running answer: a person's `/stop`, or a newer message on a channel with `overlap: interrupt`. */
export type StopReason = 'command' | 'newer';

export interface Overlap {
  /** What the envelope says about its turn. */
  plan: Pick<Envelope, 'merge' | 'notBefore'>;
  /** What the message does to the turn that runs when it arrives. */
  stops?: StopReason | undefined;
}

/**
 * What a channel's `overlap` and `debounce_ms` mean for a message that arrives. They are about plain questions: commands,
 * and messages without words, are answered by themselves and at once.
 */
export function overlapOf(
  { overlap, debounce_ms }: Pick<ChannelConfig, 'overlap' | 'debounce_ms'>,
  message: Message,
  receivedAt: number,
): Overlap {
  if (message.command?.name === '/stop') return { plan: {}, stops: 'command' };
  if (message.command || message.text.trim() === '') return { plan: {} };
  return {
    plan: {
      // Who interrupts does not want the messages in between answered one by one either.
      merge: overlap === 'queue' ? undefined : message.text.length,
      notBefore: debounce_ms > 0 ? receivedAt + debounce_ms : undefined,
    },
    stops: overlap === 'interrupt' ? 'newer' : undefined,
  };
}
