import { readEntry } from './entry.ts';
import { ALL_SHARDS, type ConversationAddress, keys } from './keys.ts';
import type { RedisClient } from './redis.ts';

/** What waits of one tenant, as far as it was looked at. */
export interface WaitingOf {
  waiting: number;
  /** Unix ms: when the oldest of these messages came. */
  oldestAt: number;
}

/** What waits for an answer, for people to look at. */
export interface QueueView {
  /** Messages of the whole hub. */
  depth(): Promise<number>;
  /** By tenant; looks at a bounded number of conversations, those first that have not moved for longest. */
  byTenant(): Promise<Map<string, WaitingOf>>;
  /** What Redis knows of one conversation, whichever shard it is in. */
  stateOf(conversation: string): Promise<ConversationState>;
}

export interface ConversationState {
  waiting: number;
  /** Model that was picked with `/model`. */
  model: string | undefined;
}

/** Conversations looked at in each of the 16 shards. */
const LOOKED_AT = 64;
/** Several consoles look at the same time: they see the same. */
const FRESH_MS = 1_000;

export function createQueueView(redis: RedisClient, now: () => number = Date.now): QueueView {
  let latest: { at: number; view: Promise<Map<string, WaitingOf>> } | undefined;

  async function look(): Promise<Map<string, WaitingOf>> {
    const found = new Map<string, WaitingOf>();
    const pending = await Promise.all(
      ALL_SHARDS.map((shard) => redis.zrange(keys.pending(shard), '0', String(LOOKED_AT - 1))),
    );
    const conversations = pending.flatMap((ids, shard) => ids.map((id): ConversationAddress => ({ id, shard })));
    await Promise.all(
      conversations.map(async (conversation) => {
        const mailbox = keys.mailbox(conversation);
        const [head, waiting] = await Promise.all([redis.lindex(mailbox, 0), redis.llen(mailbox)]);
        if (head === null) return;
        const { tenant, receivedAt } = readEntry(head);
        const sum = found.get(tenant) ?? { waiting: 0, oldestAt: receivedAt };
        found.set(tenant, { waiting: sum.waiting + waiting, oldestAt: Math.min(sum.oldestAt, receivedAt) });
      }),
    );
    return found;
  }

  return {
    async depth() {
      const depths = await Promise.all(ALL_SHARDS.map((shard) => redis.get(keys.depth(shard))));
      return depths.reduce((sum, depth) => sum + Number(depth ?? 0), 0);
    },
    byTenant() {
      if (!latest || now() - latest.at > FRESH_MS) latest = { at: now(), view: look() };
      return latest.view;
    },
    async stateOf(id) {
      const states = await Promise.all(
        ALL_SHARDS.map(async (shard) => {
          const [waiting, model] = await Promise.all([
            redis.llen(keys.mailbox({ id, shard })),
            redis.hget(keys.settings({ id, shard }), 'model'),
          ]);
          return { waiting, model: model ?? undefined };
        }),
      );
      return states.reduce(
        (known, one) => ({ waiting: known.waiting + one.waiting, model: known.model ?? one.model }),
        { waiting: 0, model: undefined } as ConversationState,
      );
    },
  };
}
