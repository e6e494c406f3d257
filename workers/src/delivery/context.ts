import type { Adapter, ReplyTarget, StreamState } from '@parley/core/adapter';
import type { Governor, Place, TurnRecordFields } from '@parley/core/bus';
import type { ParleyError } from '@parley/core/errors';

/** What showing and sending one turn's answer needs. */
export interface DeliveryContext {
  adapter: Adapter;
  target: ReplyTarget;
  place: Place;
  /** The turn's id: makes every part's idempotency key. */
  turn: string;
  /** The turn's record as it was when this worker took the turn. */
  record: TurnRecordFields;
  /** Whether an earlier worker had decided this turn already, and may have sent some of it. */
  resumed: boolean;
  /** When the question came; Unix ms. */
  receivedAt: number;
  now: () => number;
  /** Waits; rejects when `signal` aborts. */
  sleep: (ms: number) => Promise<void>;
  governor: Governor;
  /** The turn of the first part with the governor, asked for while the answer was recorded: its wait in milliseconds. */
  reserved?: Promise<number> | undefined;
  /** Aborts when the turn is no longer this worker's. */
  signal: AbortSignal;
  /** Writes to the turn's record; throws when the turn is no longer this worker's. */
  save: (fields: TurnRecordFields) => Promise<void>;
  /** Makes known that a message is the bot's own before the turn has ended. */
  own: (ref: string) => Promise<void>;
  /**
   * Makes sure that the turn is still this worker's, just before something is shown; throws when it is not. A process
   * that was frozen for longer than its lock must find out before its successor's text is overwritten.
   */
  assertOwned: () => Promise<void>;
  onError: (error: ParleyError) => void;
  /** The asker sees something of the answer. */
  onVisible?: () => void;
  /** A final text has to wait so long for the platform's pace. */
  onPaced?: (waitMs: number) => void;
}

/** Unique per logical send and the same in every attempt at it. */
export function idempotencyKey(turn: string, part: number): string {
  return `${turn}-${part}`;
}

/** What an earlier attempt at this turn recorded of a part's stream. */
export function earlierStream(record: TurnRecordFields, part: number): StreamState | undefined {
  const state = record[`stream${part}`];
  return state === undefined ? undefined : (JSON.parse(state) as StreamState);
}

/** Opens the stream of a part: a new one, or the one that an earlier attempt began. */
export function openStream({ adapter, target, turn, record, signal, save, own }: DeliveryContext, part: number) {
  const options = {
    idempotencyKey: idempotencyKey(turn, part),
    signal,
    save: async (state: StreamState, ref?: string) => {
      const written = JSON.stringify(state);
      await Promise.all([save({ [`stream${part}`]: written }), ref === undefined ? undefined : own(ref)]);
      // A later attempt within this process goes on from here too.
      record[`stream${part}`] = written;
    },
  };
  return adapter.startStream?.(target, options, earlierStream(record, part));
}
