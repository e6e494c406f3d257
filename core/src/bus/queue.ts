import { Queue } from 'bullmq';
import type { ConversationAddress } from './keys.ts';
import type { RedisClient } from './redis.ts';

export const TURN_QUEUE = 'turns';
/** A hash tag: without one BullMQ's own scripts would span slots in a Redis Cluster. */
export const QUEUE_PREFIX = '{parley}';

/** What a wake job says: look into this mailbox. */
export interface WakeJob {
  conversation: string;
  shard: number;
}

export interface WakeQueue {
  /**
   * Adds a wake job unless one is waiting already; while one runs, the last one is kept and runs after it.
   *
   * @param delayMs how long it waits before it can run, counted from the end of the running one if there is one. A job
   *   that waits already keeps its own time, unless this one is due at once: whoever is woken too early asks again.
   */
  wake(conversation: ConversationAddress, delayMs?: number): Promise<void>;
  close(): Promise<void>;
}

export function createWakeQueue(redis: RedisClient): WakeQueue {
  const queue = new Queue<WakeJob>(TURN_QUEUE, {
    connection: redis,
    prefix: QUEUE_PREFIX,
    skipVersionCheck: true,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  });
  // Connection trouble is reported by the connection itself; without a listener it would end the process.
  queue.on('error', () => {});
  return {
    async wake({ id, shard }, delayMs = 0) {
      const deduplication = { id, keepLastIfActive: true, reschedule: delayMs <= 0 };
      await queue.add('wake', { conversation: id, shard }, { deduplication, delay: Math.ceil(delayMs) });
    },
    close: () => queue.close(),
  };
}
