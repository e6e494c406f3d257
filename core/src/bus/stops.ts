import { STOPS_CHANNEL } from './keys.ts';
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
  subscriber.on('message', (_channel: string, text: string) => onStop(JSON.parse(text) as StopNotice));
  // Waits for the connection, and is repeated by ioredis after every reconnect.
  subscriber.subscribe(STOPS_CHANNEL).catch(() => {});
  return {
    async close() {
      subscriber.disconnect();
    },
  };
}
