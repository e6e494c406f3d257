import type { ChatMessage } from '../provider/types.ts';
import { readEntry } from './entry.ts';
import { type ConversationAddress, keys, OWN_REFS_CHANNEL } from './keys.ts';
import { OWN_REFS_TTL_MS, ownNotice } from './own-refs.ts';
import type { Envelope } from './publisher.ts';
import type { RedisClient } from './redis.ts';
import { defineScript } from './scripts/run.ts';
import { CLAIM_SCRIPT, COMPLETE_SCRIPT, RELEASE_SCRIPT, RENEW_SCRIPT, SAVE_SCRIPT } from './scripts/turn.ts';

/** The head of a mailbox as its owner sees it. */
export interface Head {
  envelope: Envelope;
  /** The stored entry as it stands, to prove at the end that the head is still this one. */
  entry: string;
  record: TurnRecordFields;
  history: ChatMessage[];
  /** Model picked for the conversation by `/model`. */
  pickedModel?: string | undefined;
  /** Whether Redis has seen the conversation within its session: if so, an empty history is the truth. */
  known: boolean;
}

/** Fields of a turn's record; all strings, as Redis keeps them. A restarted worker resumes from these. */
export interface TurnRecordFields {
  state?: 'received' | 'answering' | 'answered';
  /** How often a worker has begun this turn. */
  attempts?: string;
  /** JSON of the turn's outcome, written before the first attempt to send it. */
  answer?: string;
  /** JSON of the receipts of the parts that were sent. */
  receipts?: string;
  /** Index of the part whose sending has begun; without a receipt its outcome is unknown. */
  sending?: string;
  /** JSON of an adapter's stream state, one field per part. */
  [stream: `stream${number}`]: string;
}

export type ClaimResult = { status: 'busy' } | { status: 'empty' } | { status: 'head'; head: Head };
export type CompleteResult = { status: 'lost' } | { status: 'empty' } | { status: 'head'; head: Head };

export interface Completion {
  /** JSON row for the archive. */
  archiveRow: string;
  /** What to remember of this turn; empty for commands. */
  remember: ChatMessage[];
  /** Messages (two per turn) to keep, and for how long after the last one. */
  historyKeep: number;
  historyTtlMs: number;
  resetHistory: boolean;
  /** A model id to use from now on, null to go back to the default, undefined to leave it. */
  pickModel?: string | null | undefined;
  /** The bot's own message and thread ids that this turn made. */
  ownRefs: string[];
}

/** All access to a conversation's turn; every write is refused with `lost` once somebody else owns the conversation. */
export interface TurnStore {
  claim(conversation: ConversationAddress, owner: string): Promise<ClaimResult>;
  /** False: ownership was lost, and the turn must stop without a trace. */
  save(conversation: ConversationAddress, owner: string, fields: TurnRecordFields): Promise<boolean>;
  complete(head: Head, owner: string, completion: Completion): Promise<CompleteResult>;
  release(conversation: ConversationAddress, owner: string): Promise<void>;
  renew(conversation: ConversationAddress, owner: string): Promise<boolean>;
}

/** How long a conversation stays with a worker that gives no sign of life. Workers renew it every third of this. */
export const LOCK_MS = 9_000;

const SETTINGS_TTL_MS = 30 * 86_400_000;
const OWN_REFS_KEPT = 500;

export function createTurnStore(redis: RedisClient, now: () => number = Date.now): TurnStore {
  const claim = defineScript(redis, 'parleyClaim', CLAIM_SCRIPT);
  const save = defineScript(redis, 'parleySave', SAVE_SCRIPT);
  const complete = defineScript(redis, 'parleyComplete', COMPLETE_SCRIPT);
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
      const reply = await claim(turnKeys(conversation), [owner, LOCK_MS, conversation.id, now()]);
      return readReply(reply) as ClaimResult;
    },
    async save(conversation, owner, fields) {
      const pairs = Object.entries(fields).flatMap(([field, value]) => [field, String(value)]);
      const reply = await save([keys.lock(conversation), keys.turn(conversation)], [owner, ...pairs]);
      return isOk(reply);
    },
    async complete(head, owner, done) {
      const { conversation, channel, message } = head.envelope;
      const reply = await complete(
        [
          ...turnKeys(conversation),
          keys.depth(conversation.shard),
          keys.archive(conversation.shard),
          keys.ownRefs(channel, message.chat.id),
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
          done.resetHistory ? 1 : 0,
          done.pickModel === null ? '-' : (done.pickModel ?? ''),
          OWN_REFS_KEPT,
          OWN_REFS_TTL_MS,
          OWN_REFS_CHANNEL,
          ownNotice(channel, message.chat.id, done.ownRefs),
          done.ownRefs.length,
          ...done.ownRefs,
          ...done.remember.map((said) => JSON.stringify(said)),
        ],
      );
      return readReply(reply) as CompleteResult;
    },
    async release(conversation, owner) {
      await release([keys.lock(conversation)], [owner]);
    },
    async renew(conversation, owner) {
      const reply = await renew(
        [keys.lock(conversation), keys.pending(conversation.shard)],
        [owner, LOCK_MS, conversation.id, now()],
      );
      return isOk(reply);
    },
  };
}

const isOk = (reply: unknown) => Array.isArray(reply) && reply[0] === 'ok';

function readReply(reply: unknown): { status: string; head?: Head } {
  const [status, entry, record, history, settings] = reply as [string, string, string[], string[], string[]];
  if (status !== 'head') return { status };
  const chosen = pairs(settings);
  return {
    status,
    head: {
      entry,
      envelope: readEntry(entry),
      record: pairs(record) as TurnRecordFields,
      history: history.map((said) => JSON.parse(said) as ChatMessage),
      pickedModel: chosen.model,
      known: chosen.known !== undefined,
    },
  };
}

function pairs(flat: string[]): Record<string, string> {
  const object: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) object[flat[i] as string] = flat[i + 1] as string;
  return object;
}
