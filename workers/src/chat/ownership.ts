import type { ReplyTarget } from '@parley/core/adapter';
import { type Head, LOCK_MS, type TurnStore } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import type { Span } from '@parley/core/telemetry';
import type { Ownership } from './context.ts';

export interface HoldTurn {
  head: Head;
  owner: string;
  /** Aborts when the turn must be given back. */
  signal: AbortSignal;
  span: Span | undefined;
}

/** A worker's hold on a turn, and whether it was found to be another's meanwhile. */
export function holdTurn(
  { head, owner, signal, span }: HoldTurn,
  turns: Pick<TurnStore, 'save' | 'renew'>,
): Ownership & { isLost(): boolean } {
  const lost = new AbortController();
  const { conversation } = head.envelope;
  let provenAt = head.takenAt;
  const held = async (stillOurs: Promise<boolean>) => {
    const askedAt = performance.now();
    if (await stillOurs) {
      provenAt = askedAt;
      return;
    }
    lost.abort();
    throw new ParleyError('internal', 'the conversation belongs to another worker now');
  };
  // Within a third of the lock's time nobody else can have taken the conversation over, not even by a frozen clock:
  // a process that was stopped finds that its own time has gone on.
  const isProven = () => performance.now() - provenAt < LOCK_MS / 3;
  return {
    owner,
    signal: AbortSignal.any([signal, lost.signal]),
    save: (fields) => held(turns.save(conversation, owner, fields)),
    assertOwned: async () => {
      if (!isProven()) await held(turns.renew(conversation, owner).then(({ owned }) => owned));
    },
    target: targetOf(head),
    span,
    isLost: () => lost.signal.aborted,
  };
}

function targetOf(head: Head): ReplyTarget {
  const { chat, thread, id, sender, state } = head.envelope.message;
  return { chat, thread, messageId: id, senderId: sender.id, state };
}
