import type { ConversationAddress } from './keys.ts';
import type { WakeQueue } from './queue.ts';

/** Takes a conversation without a wake job; false: there is no room for it. */
export type TakeNow = (conversation: ConversationAddress) => boolean;

/** A wake queue of a process that may answer itself what it takes in. */
export interface HandOff extends Pick<WakeQueue, 'wake'> {
  /** From now on conversations go to this worker first. Returns how to end that. */
  serve(take: TakeNow): () => void;
}

/**
 * A message that a worker of the same process has room for needs no wake job: the job would be added, fetched, renewed and
 * removed, at more cost than all else that Redis does for a message, only to come back to where it was made. What a job
 * makes certain, the sweep does as well: the mailbox is durable before anybody is woken, and a conversation whose worker
 * died is found by the missing sign of life, whoever woke it.
 */
export function createHandOff(queue: Pick<WakeQueue, 'wake'>): HandOff {
  let take: TakeNow | undefined;
  return {
    async wake(conversation, delayMs = 0) {
      if (delayMs <= 0 && take?.(conversation)) return;
      await queue.wake(conversation, delayMs);
    },
    serve(worker) {
      take = worker;
      return () => {
        if (take === worker) take = undefined;
      };
    },
  };
}
