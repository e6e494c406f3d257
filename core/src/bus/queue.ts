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
  /** Adds a wake job unless one is waiting already; while one runs, the last one is kept and runs after it. */
  wake(conversation: ConversationAddress): Promise<void>;
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
    async wake({ id, shard }) {
      await queue.add('wake', { conversation: id, shard }, { deduplication: { id, keepLastIfActive: true } });
    },
    close: () => queue.close(),
  };
}
