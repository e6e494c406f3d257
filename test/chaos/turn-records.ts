import { Redis } from 'ioredis';
import { askedIn } from './questions.ts';

/** Looks into the hub's Redis: what a turn's record says is not to be seen from outside. */
export interface TurnRecords {
  /** Whether the question stands at the head of its conversation with its answer recorded already. */
  isAnswered(marker: string): Promise<boolean>;
  close(): void;
}

const MAILBOXES = 'parley:{p*}:mailbox:*';

export function readTurnRecords(redisUrl: string): TurnRecords {
  const redis = new Redis(redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 1_000 });
  redis.on('error', () => {});
  return {
    async isAnswered(marker) {
      for (const mailbox of await redis.keys(MAILBOXES)) {
        const head = await redis.lindex(mailbox, 0);
        if (head === null || askedIn(head) !== marker) continue;
        return (await redis.hexists(mailbox.replace(':mailbox:', ':turn:'), 'answer')) === 1;
      }
      return false;
    },
    close: () => redis.disconnect(),
  };
}
