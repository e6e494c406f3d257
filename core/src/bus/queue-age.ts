import { QUEUE_PREFIX, TURN_QUEUE } from './queue.ts';
import type { RedisClient } from './redis.ts';

/**
 * How long the conversation that has waited longest for a worker has done so, in milliseconds; 0 when none waits. One that
 * was put aside does not wait for a worker until its time has come, and then counts from when it was put aside.
 */
export type QueueAge = () => Promise<number>;

/** BullMQ's own keys: its list of jobs that may run, the oldest at its end, and each job's hash. */
const WAITING = `${QUEUE_PREFIX}:${TURN_QUEUE}:wait`;
const jobKey = (id: string) => `${QUEUE_PREFIX}:${TURN_QUEUE}:${id}`;

export function createQueueAge(redis: RedisClient, now: () => number = Date.now): QueueAge {
  return async () => {
    const id = await redis.lindex(WAITING, -1);
    if (id === null) return 0;
    const addedAt = await redis.hget(jobKey(id), 'timestamp');
    // Taken and done in between, or a clock that is ahead of ours.
    return addedAt === null ? 0 : Math.max(0, now() - Number(addedAt));
  };
}
