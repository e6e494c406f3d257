import { z } from 'zod';
import { ALL_SHARDS, type ConversationAddress, keys } from './keys.ts';
import type { RedisClient } from './redis.ts';
import { defineScript } from './scripts/run.ts';
import { GIVE_BACK_SCRIPT, TAKE_OVER_SCRIPT } from './scripts/take-over.ts';

/** That a person answers in place of the bot. It lies in the conversation's settings, which a worker reads anyway. */
export interface TakenOver {
  /** The operator's id and name. */
  id: string;
  by: string;
  /** Unix ms. */
  since: number;
}

export interface TakenConversation extends TakenOver {
  tenant: string;
  conversation: string;
  shard: number;
}

/** Who has taken over which conversation. */
export interface TakeOvers {
  /** `held`: somebody else has it already. `full`: too many are taken over. Taking what is one's own changes nothing. */
  take(
    tenant: string,
    conversation: ConversationAddress,
    operator: TakenOver,
  ): Promise<{ status: 'taken' | 'held'; takenOver: TakenOver } | { status: 'full' }>;
  /** The bot answers again; false: it did already. */
  giveBack(conversation: ConversationAddress): Promise<boolean>;
  of(conversation: ConversationAddress): Promise<TakenOver | undefined>;
  /** All of the hub, by conversation; a bounded number. */
  list(): Promise<Map<string, TakenConversation>>;
}

/** In one of the 16 shards: who takes over a thousand conversations at once reads none of them. */
const KEPT = 1_000;
/** How long the settings stay after the bot has the conversation back, unless a turn says otherwise sooner. */
const AFTER_MS = 30 * 86_400_000;

const stored = z.object({ id: z.string(), by: z.string(), since: z.number() });
const listed = stored.extend({ tenant: z.string() });

/** What cannot be read counts as nothing: it must not keep a worker from the conversation. */
export function readTakenOver(text: string | null | undefined): TakenOver | undefined {
  if (!text) return undefined;
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function createTakeOvers(redis: RedisClient): TakeOvers {
  const runTake = defineScript(redis, 'parleyTakeOver', TAKE_OVER_SCRIPT);
  const runGiveBack = defineScript(redis, 'parleyGiveBack', GIVE_BACK_SCRIPT);
  const keysOf = (conversation: ConversationAddress) => [
    keys.settings(conversation),
    keys.takenOver(conversation.shard),
  ];

  return {
    async take(tenant, conversation, { id, by, since }) {
      const operator = { id, by, since };
      const args = [conversation.id, JSON.stringify(operator), JSON.stringify({ ...operator, tenant }), KEPT];
      const [status, holder] = (await runTake(keysOf(conversation), args)) as ['taken' | 'held' | 'full', string?];
      if (status === 'full') return { status };
      if (status === 'taken') return { status, takenOver: operator };
      const takenOver = readTakenOver(holder) ?? operator;
      return { status: takenOver.id === id ? 'taken' : 'held', takenOver };
    },
    async giveBack(conversation) {
      return (await runGiveBack(keysOf(conversation), [conversation.id, AFTER_MS])) === 1;
    },
    of: async (conversation) => readTakenOver(await redis.hget(keys.settings(conversation), 'human')),
    async list() {
      const all = await Promise.all(ALL_SHARDS.map((shard) => redis.hgetall(keys.takenOver(shard))));
      return new Map(
        all.flatMap((byConversation, shard) =>
          Object.entries(byConversation).map(([conversation, text]) => [
            conversation,
            { ...listed.parse(JSON.parse(text)), conversation, shard },
          ]),
        ),
      );
    },
  };
}
