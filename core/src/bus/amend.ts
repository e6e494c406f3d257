import type { Message } from '../message/index.ts';
import { ENVELOPE_VERSION, type Envelope, readEntry, writeEntry } from './entry.ts';
import { type ConversationAddress, conversationNamed, eventName, keys, shardOf } from './keys.ts';
import type { RedisClient } from './redis.ts';
import { AMEND_SCRIPT } from './scripts/amend.ts';
import { defineScript } from './scripts/run.ts';

/** `late`: its turn has begun or is over, or it was never for the bot. */
export type AmendOutcome = 'applied' | 'late';

export interface Whereabouts {
  tenant: string;
  channel: string;
  /** Id of the chat. */
  chat: string;
}

/** What people change about messages that still wait. `key` is one of the message's dedupe keys. */
export interface Amender {
  /**
   * Puts the new wording into the waiting message. It keeps its turn, its place in the mailbox, and where its answer
   * goes.
   *
   * @param planOf what the envelope says about its turn, for the new wording
   */
  edit(
    where: Whereabouts,
    key: string,
    message: Message,
    planOf: (message: Message) => Pick<Envelope, 'merge'>,
  ): Promise<AmendOutcome>;
  remove(where: Whereabouts, key: string): Promise<AmendOutcome>;
}

/** Tries against others that change the same message at the same moment. */
const TRIES = 5;

export function createAmender(redis: RedisClient): Amender {
  const run = defineScript(redis, 'parleyAmend', AMEND_SCRIPT);

  async function amend(
    where: Whereabouts,
    key: string,
    change: (envelope: Envelope) => Envelope | undefined,
  ): Promise<AmendOutcome> {
    const event = eventName(where.channel, key);
    const name = await redis.get(keys.seen(shardOf(where.channel, where.chat), event));
    if (name === null) return 'late';
    const conversation = conversationNamed(name, where);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const found = await findWaiting(conversation, event);
      if (!found) return 'late';
      const next = change(found.envelope);
      const outcome = await run(
        [
          keys.mailbox(conversation),
          keys.turn(conversation),
          keys.pending(conversation.shard),
          keys.depth(conversation.shard),
        ],
        [conversation.id, found.entry, next ? writeEntry(next) : ''],
      );
      if (outcome !== 'changed') return outcome as AmendOutcome;
    }
    return 'late';
  }

  async function findWaiting(conversation: ConversationAddress, event: string) {
    const entries = await redis.lrange(keys.mailbox(conversation), 0, -1);
    for (const entry of entries) {
      const envelope = readEntry(entry);
      if ((envelope.v ?? 1) <= ENVELOPE_VERSION && envelope.names?.includes(event)) return { entry, envelope };
    }
    return undefined;
  }

  return {
    edit: (where, key, message, planOf) =>
      amend(where, key, (envelope) => ({
        ...envelope,
        merge: planOf(message).merge,
        message: { ...message, ...placeOf(envelope.message) },
      })),
    remove: (where, key) => amend(where, key, () => undefined),
  };
}

/** What an edit does not change: who asked, when, and where the answer goes. */
function placeOf({ id, chat, thread, opensThread, sender, sentAt, state }: Message) {
  return { id, chat, thread, opensThread, sender, sentAt, state };
}
