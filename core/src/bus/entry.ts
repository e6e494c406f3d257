import type { Message, Platform, TriggerReason } from '../message/index.ts';
import type { TraceContext } from '../telemetry/tracing.ts';
import type { ConversationAddress } from './keys.ts';

/** A message in the mailbox: all a worker needs to answer it, whichever process it came through. */
export interface Envelope {
  /**
   * Version of this shape; absent: 1. A worker leaves newer ones to newer workers. Additions that an older worker may
   * ignore need no new version: unknown fields are kept.
   */
  v?: number | undefined;
  /** The turn's id, which is the request id people see as a reference. */
  turn: string;
  tenant: string;
  channel: string;
  platform: Platform;
  conversation: ConversationAddress;
  message: Message;
  /** When the hub received the event; Unix ms. */
  receivedAt: number;
  /** Why the message was taken to be for the bot; for the timeline. */
  trigger?: TriggerReason | undefined;
  /** Its turn does not begin before this, so that followers can join it; Unix ms, at most MAX_DEBOUNCE_MS ahead. */
  notBefore?: number | undefined;
  /** Characters of a question that may be answered together with its neighbours; absent: it has a turn of its own. */
  merge?: number | undefined;
  /** The event's dedupe keys, hashed: under these an edit or a deletion finds the message. */
  names?: string[] | undefined;
  /** The trace that goes on with the turn; absent where none is recorded. */
  trace?: TraceContext | undefined;
  /** Set when an operator sent a turn on its way again. */
  replay?: Replay | undefined;
  /** Set when it is no question: what an operator says in place of a model. Version 2. */
  operator?: OperatorWords | undefined;
}

/** What a person at the console says through the bot, in a conversation that was taken over. */
export interface OperatorWords {
  /** Name of the operator. */
  by: string;
  /** Markdown. */
  text: string;
}

/** What a turn takes along when it is sent on its way again. */
export interface Replay {
  /** The earlier turn. */
  of: string;
  /** That turn's recorded answer and what had been sent of it, so that no model is asked and no part is sent again. */
  answer?: string | undefined;
  receipts?: string | undefined;
  /** The other questions of that turn. */
  also: Envelope[];
}

/** The newest version of an envelope that this code understands. */
export const ENVELOPE_VERSION = 2;
/** What an envelope is that says nothing else: most are understood by every worker. */
const PLAIN_VERSION = 1;

/** Longest `debounce_ms`. What claims to wait longer was written by a clock that is wrong, and does not wait. */
export const MAX_DEBOUNCE_MS = 10_000;

/** Characters of the time at the beginning of a mailbox entry; the scripts compare these as text. */
export const TIME_WIDTH = 18;
/** The latest time of that width. Platforms may write any; a longer one would make the entry unreadable. */
const LATEST_MS = 99_999_999_999_999;

/**
 * A message as it stands in a mailbox: when the person sent it (Unix ms, three decimals, fixed width), then JSON. `v` and
 * `notBefore` come first: there the scripts find them without reading the rest.
 */
export function writeEntry(envelope: Envelope): string {
  const { v = PLAIN_VERSION, notBefore, ...rest } = envelope;
  const shape = { v, notBefore, ...rest };
  const json = JSON.stringify(shape);
  const time = Math.min(envelope.message.sentAt, LATEST_MS).toFixed(3).padStart(TIME_WIDTH, '0');
  // Half a pair is written as an escape, and nothing else is that begins so.
  return time + (json.includes('\\ud') ? JSON.stringify(shape, wellFormed) : json);
}

/** Redis' JSON decoder throws on half a surrogate pair: one such character would block its conversation for ever. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

export function readEntry(entry: string): Envelope {
  return JSON.parse(entry.slice(TIME_WIDTH)) as Envelope;
}
