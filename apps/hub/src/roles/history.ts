import type { Head, RedisClient } from '@parley/core/bus';
import type { ChatMessage } from '@parley/core/provider';
import type { Sealer } from '@parley/core/secrets';
import { loadHistory, openContent, type Store } from '@parley/core/store';
import type { Logger } from 'pino';

const BORN_KEY = 'parley:{born}';

/**
 * Recalls a conversation from the database when Redis may have lost it. Redis is the memory of running sessions; only a
 * Redis that is younger than the session can have forgotten one, so as a rule this asks nobody anything.
 */
export function createHistoryRecall(redis: RedisClient, store: Store, sealer: Sealer, logger: Logger) {
  /** When this Redis began to remember; asked again after every reconnect, because it may be another one then. */
  let born: Promise<number> | undefined;
  redis.on('close', () => {
    born = undefined;
  });

  async function askBorn(): Promise<number> {
    await redis.set(BORN_KEY, String(Date.now()), 'NX');
    return Number(await redis.get(BORN_KEY));
  }

  return async ({ envelope }: Head, sessionTtlMs: number, keep: number): Promise<ChatMessage[]> => {
    const since = Date.now() - sessionTtlMs;
    try {
      born ??= askBorn();
      if ((await born) < since) return [];
      const { tenant, conversation } = envelope;
      const open = (content: string) => openContent(sealer, tenant, conversation.id, content);
      return await loadHistory(store, tenant, conversation.id, keep, since, open);
    } catch (error) {
      // An answer without memory is better than none.
      born = undefined;
      logger.warn({ request_id: envelope.turn, err: error }, 'the conversation could not be recalled');
      return [];
    }
  };
}
