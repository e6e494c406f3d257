import type { Head, RedisClient } from '@parley/core/bus';
import { loadHistory, type Store } from '@parley/core/store';

const BORN_KEY = 'parley:{born}';

/**
 * Recalls a conversation from the database when Redis may have lost it. Redis is the memory of running sessions; only a
 * Redis that is younger than the session can have forgotten one, so as a rule this asks nobody anything.
 */
export function createHistoryRecall(redis: RedisClient, store: Store) {
  /** When this Redis began to remember; asked again after every reconnect, because it may be another one then. */
  let born: Promise<number> | undefined;
  redis.on('close', () => {
    born = undefined;
  });

  async function askBorn(): Promise<number> {
    await redis.set(BORN_KEY, String(Date.now()), 'NX');
    return Number(await redis.get(BORN_KEY));
  }

  return async ({ envelope }: Head, sessionTtlMs: number, keep: number): Promise<Head['history']> => {
    born ??= askBorn();
    const since = Date.now() - sessionTtlMs;
    if ((await born) < since) return [];
    return loadHistory(store, envelope.tenant, envelope.conversation.id, keep, since);
  };
}
