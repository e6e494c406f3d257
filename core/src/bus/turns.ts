import type { ChatMessage } from '../provider/types.ts';
import { DEAD_LETTERS_KEPT } from './dead-letters.ts';
import { type Envelope, type Replay, readEntry } from './entry.ts';
import { type ConversationAddress, keys, OWN_REFS_CHANNEL, TURNS_CHANNEL } from './keys.ts';
import type { StopReason } from './overlap.ts';
import { OWN_REFS_TTL_MS, ownNotice } from './own-refs.ts';
import type { RedisClient } from './redis.ts';
import { defineScript } from './scripts/run.ts';
import {
  CLAIM_SCRIPT,
  COMPLETE_SCRIPT,
  OWN_SCRIPT,
  RELEASE_SCRIPT,
  RENEW_SCRIPT,
  SAVE_SCRIPT,
} from './scripts/turn.ts';
import { readTakenOver, type TakenOver } from './take-over.ts';

/** The head of a mailbox as its owner sees it. */
export interface Head {
  envelope: Envelope;
  /** The questions that are answered together with it (`overlap: merge`), in order; the same at every attempt. */
  also: Envelope[];
  /** The stored entry as it stands, to prove at the end that the head is still this one. */
  entry: string;
  record: TurnRecordFields;
  /** The last `keep` messages of what was said, the oldest first; none is read before somebody asks. */
  history(keep: number): ChatMessage[];
  /** What the database remembered of the conversation, where Redis did not know it and somebody asked. */
  recalled?: ChatMessage[] | undefined;
  /** Model picked for the conversation by `/model`. */
  pickedModel?: string | undefined;
  /** Who answers in place of the bot. */
  takenOver?: TakenOver | undefined;
  /** Whether Redis has seen the conversation within its session: if so, an empty history is the truth. */
  known: boolean;
  /** When its owner asked for it, by `performance.now()`: it was the owner's no earlier and for at least LOCK_MS. */
  takenAt: number;
  /** It waited behind the turn before it, which has just ended. */
  follows?: boolean;
}

/** Fields of a turn's record; all strings, as Redis keeps them. A restarted worker resumes from these. */
export interface TurnRecordFields {
  state?: 'received' | 'answering' | 'answered';
  /** How often a worker has begun this turn. */
  attempts?: string;
  /** JSON of the turn's outcome, written before the first attempt to send it. */
  answer?: string;
  /** When that was; Unix ms. */
  answeredAt?: string;
  /** JSON of the receipts of the parts that were sent. */
  receipts?: string;
  /** Index of the part whose sending has begun; without a receipt its outcome is unknown. */
  sending?: string;
  /** Until when it was put aside for the platform's pace; Unix ms by Redis' clock. */
  parked?: string;
  /** How many entries of the mailbox, from the head on, this turn answers. */
  taken?: string;
  /** That somebody ended the answer; whoever resumes the turn has to end it, too. */
  stop?: StopReason;
  /** JSON of an adapter's stream state, one field per part. */
  [stream: `stream${number}`]: string;
}

/**
 * The next thing to do in a conversation. `empty`: nothing, and it belongs to nobody now; with `waitMs` there will be
 * something then (its head waits for followers, or only newer workers understand it), so a wake is due.
 */
export type NextHead = { status: 'empty'; waitMs?: number } | { status: 'head'; head: Head };
export type ClaimResult = { status: 'busy' } | NextHead;
export type CompleteResult = { status: 'lost' } | NextHead;
export interface Renewal {
  owned: boolean;
  /** The turn was stopped. */
  stop?: StopReason | undefined;
}

export interface Completion {
  /** JSON row for the archive. */
  archiveRow: string;
  /** What to remember of this turn; empty for commands. */
  remember: ChatMessage[];
  /** Messages (two per turn) to keep, and for how long after the last one. */
  historyKeep: number;
  historyTtlMs: number;
  resetHistory: boolean;
  /** False: Redis does not know yet what was said before, and somebody has to ask the database. */
  known?: boolean | undefined;
  /** A model id to use from now on, null to go back to the default, undefined to leave it. */
  pickModel?: string | null | undefined;
  /** The bot's own message and thread ids that this turn made. */
  ownRefs: string[];
  /** What `writeDeadLetter` made of a turn that failed for good; absent for every other. */
  deadLetter?: string | undefined;
  /** What live views hear of the turn (`turnNotice`). */
  notice?: string | undefined;
}

/** All access to a conversation's turn; every write is refused with `lost` once somebody else owns the conversation. */
export interface TurnStore {
  claim(conversation: ConversationAddress, owner: string): Promise<ClaimResult>;
  /** False: ownership was lost, and the turn must stop without a trace. True: it is kept for LOCK_MS from now. */
  save(conversation: ConversationAddress, owner: string, fields: TurnRecordFields): Promise<boolean>;
  /** Makes known that a message in the head's chat is the bot's own; `complete` does it for those it is told of. */
  own(head: Head, ref: string): Promise<void>;
  complete(head: Head, owner: string, completion: Completion): Promise<CompleteResult>;
  /** @param parkMs nobody gets the conversation sooner, so that a long line is not asked about again and again */
  release(conversation: ConversationAddress, owner: string, parkMs?: number): Promise<void>;
  renew(conversation: ConversationAddress, owner: string): Promise<Renewal>;
}

/** How long a conversation stays with a worker that gives no sign of life. Workers renew it every third of this. */
export const LOCK_MS = 4_000;

const SETTINGS_TTL_MS = 30 * 86_400_000;
const OWN_REFS_KEPT = 500;

export function createTurnStore(redis: RedisClient, now: () => number = Date.now): TurnStore {
  const claim = defineScript(redis, 'parleyClaim', CLAIM_SCRIPT);
  const save = defineScript(redis, 'parleySave', SAVE_SCRIPT);
  const complete = defineScript(redis, 'parleyComplete', COMPLETE_SCRIPT);
  const own = defineScript(redis, 'parleyOwn', OWN_SCRIPT);
  const release = defineScript(redis, 'parleyRelease', RELEASE_SCRIPT);
  const renew = defineScript(redis, 'parleyRenew', RENEW_SCRIPT);
  const turnKeys = (c: ConversationAddress) => [
    keys.lock(c),
    keys.mailbox(c),
    keys.pending(c.shard),
    keys.turn(c),
    keys.history(c),
    keys.settings(c),
  ];

  return {
    async claim(conversation, owner) {
      const takenAt = performance.now();
      const reply = await claim(turnKeys(conversation), [owner, LOCK_MS, conversation.id, now()]);
      return readReply(reply, takenAt) as ClaimResult;
    },
    async save(conversation, owner, fields) {
      const pairs = Object.entries(fields).flatMap(([field, value]) => [field, String(value)]);
      const reply = await save([keys.lock(conversation), keys.turn(conversation)], [owner, LOCK_MS, ...pairs]);
      return isOk(reply);
    },
    async own({ envelope: { channel, message } }, ref) {
      const { id: chat } = message.chat;
      await own([keys.ownRefs(channel, chat)], [now(), ...ownArguments(channel, chat, [ref]), ref]);
    },
    async complete(head, owner, done) {
      const { turn, tenant, conversation, channel, message } = head.envelope;
      const { shard } = conversation;
      const takenAt = performance.now();
      const reply = await complete(
        [
          ...turnKeys(conversation),
          keys.depth(shard),
          keys.archive(shard),
          keys.ownRefs(channel, message.chat.id),
          keys.deadIndex(shard, tenant),
          keys.deadLetters(shard, tenant),
          keys.deadCounts(shard),
          keys.deadDropped(shard),
        ],
        [
          owner,
          LOCK_MS,
          conversation.id,
          now(),
          head.entry,
          done.archiveRow,
          done.historyKeep,
          done.historyTtlMs,
          SETTINGS_TTL_MS,
          done.known === false ? '-' : done.resetHistory ? 1 : 0,
          done.pickModel === null ? '-' : (done.pickModel ?? ''),
          ...ownArguments(channel, message.chat.id, done.ownRefs),
          done.deadLetter ?? '',
          turn,
          tenant,
          DEAD_LETTERS_KEPT,
          TURNS_CHANNEL,
          done.notice ?? '',
          done.ownRefs.length,
          ...done.ownRefs,
          ...done.remember.map((said) => JSON.stringify(said)),
        ],
      );
      const next = readReply(reply, takenAt) as CompleteResult;
      return next.status === 'head' ? { ...next, head: { ...next.head, follows: true } } : next;
    },
    async release(conversation, owner, parkMs = 0) {
      await release(
        [keys.lock(conversation), keys.pending(conversation.shard), keys.turn(conversation)],
        [owner, conversation.id, now(), Math.ceil(parkMs)],
      );
    },
    async renew(conversation, owner) {
      const [status, stop] = (await renew(
        [keys.lock(conversation), keys.pending(conversation.shard), keys.turn(conversation)],
        [owner, LOCK_MS, conversation.id, now()],
      )) as [string, StopReason | ''];
      return { owned: status === 'ok', stop: stop || undefined };
    },
  };
}

/** How the scripts keep the bot's own messages, and what they announce. */
const ownArguments = (channel: string, chat: string, refs: string[]) => [
  OWN_REFS_KEPT,
  OWN_REFS_TTL_MS,
  OWN_REFS_CHANNEL,
  ownNotice(channel, chat, refs),
];

const isOk = (reply: unknown) => Array.isArray(reply) && reply[0] === 'ok';

type HeadReply = ['head', string, string[], string[], string[], string[]];

function readReply(reply: unknown, takenAt: number): { status: string; waitMs?: number; head?: Head } {
  const [status, waitMs] = reply as [string, number?];
  if (status !== 'head') return waitMs === undefined ? { status } : { status, waitMs };
  const [, entry, record, history, settings, also] = reply as HeadReply;
  const chosen = pairs(settings);
  const envelope = readEntry(entry);
  const { replay } = envelope;
  return {
    status,
    head: {
      entry,
      envelope,
      also: [...(replay?.also ?? []), ...also.map(readEntry)],
      record: { ...(replay && resumeFrom(replay)), ...pairs(record) },
      history: (keep) => (keep > 0 ? history.slice(-keep).map((said) => JSON.parse(said) as ChatMessage) : []),
      pickedModel: chosen.model,
      takenOver: readTakenOver(chosen.human),
      known: chosen.known !== undefined,
      takenAt,
    },
  };
}

/**
 * A dead letter on its way again goes on where its turn had ended. Its first part counts as announced from the start: a
 * worker that died while it sent this part must not look like one that never began.
 */
function resumeFrom({ answer, receipts }: Replay): TurnRecordFields {
  if (answer === undefined) return {};
  const sent = receipts === undefined ? 0 : (JSON.parse(receipts) as unknown[]).length;
  return { answer, sending: String(sent), ...(receipts !== undefined && { receipts }) };
}

function pairs(flat: string[]): Record<string, string> {
  const object: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) object[flat[i] as string] = flat[i + 1] as string;
  return object;
}
