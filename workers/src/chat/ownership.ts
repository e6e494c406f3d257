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

export interface TurnHold extends Ownership {
  /** Whether the turn was found to be another's meanwhile. */
  isLost(): boolean;
  /** The turn is over: its `signal` aborts no more. */
  end(): void;
}

/** A worker's hold on a turn. */
export function holdTurn(
  { head, owner, signal, span }: HoldTurn,
  turns: Pick<TurnStore, 'save' | 'own' | 'renew'>,
): TurnHold {
  // By hand: what `AbortSignal.any` joins is found again by weak references, which the collector has to clean up after each turn.
  const ended = new AbortController();
  const onAbort = () => ended.abort();
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  let isLost = false;
  const { conversation } = head.envelope;
  let provenAt = head.takenAt;
  const held = async (stillOurs: Promise<boolean>) => {
    const askedAt = performance.now();
    if (await stillOurs) {
      provenAt = askedAt;
      return;
    }
    isLost = true;
    ended.abort();
    throw new ParleyError('internal', 'the conversation belongs to another worker now');
  };
  // Within a third of the lock's time nobody else can have taken the conversation over, not even by a frozen clock:
  // a process that was stopped finds that its own time has gone on.
  const isProven = () => performance.now() - provenAt < LOCK_MS / 3;
  return {
    owner,
    signal: ended.signal,
    save: (fields) => held(turns.save(conversation, owner, fields)),
    // In a direct chat everything is for the bot: nobody asks there whose message it was.
    own: async (ref) => {
      if (head.envelope.message.chat.kind === 'group') await turns.own(head, ref);
    },
    assertOwned: async () => {
      if (!isProven()) await held(turns.renew(conversation, owner).then(({ owned }) => owned));
    },
    target: targetOf(head),
    span,
    isLost: () => isLost,
    end: () => signal.removeEventListener('abort', onAbort),
  };
}

function targetOf(head: Head): ReplyTarget {
  const { chat, thread, id, sender, state } = head.envelope.message;
  return { chat, thread, messageId: id, senderId: sender.id, state };
}
