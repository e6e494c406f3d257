import { z } from 'zod';
import { STOPS_CHANNEL } from './keys.ts';
import { listenFor } from './notices.ts';
import type { StopReason } from './overlap.ts';
import type { RedisClient } from './redis.ts';

/** That a turn's running answer shall end. The turn's record says so too, for whoever misses this. */
export interface StopNotice {
  conversation: string;
  turn: string;
  reason: StopReason;
}

/** @param subscriber a connection of its own: one that subscribes can do nothing else; closed by `close` */
export function listenForStops(
  subscriber: RedisClient,
  onStop: (notice: StopNotice) => void,
): { close(): Promise<void> } {
  listenFor(subscriber, STOPS_CHANNEL, notice, onStop);
  return {
    async close() {
      subscriber.disconnect();
    },
  };
}

const notice: z.ZodType<StopNotice> = z.object({
  conversation: z.string(),
  turn: z.string(),
  reason: z.enum(['command', 'newer']),
});
