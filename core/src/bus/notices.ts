import type { z } from 'zod';
import type { RedisClient } from './redis.ts';

/**
 * Hears the notices of one Pub/Sub channel. What has not their shape is passed over: it may come from a newer hub, and a
 * listener that throws would end every process that hears it, all at once.
 *
 * @param subscriber a connection of its own: one that subscribes can do nothing else
 */
export function listenFor<Notice>(
  subscriber: Pick<RedisClient, 'on' | 'subscribe'>,
  channel: string,
  shape: z.ZodType<Notice>,
  take: (notice: Notice) => void,
): void {
  subscriber.on('message', (_channel: string, text: string) => {
    const notice = shape.safeParse(parse(text));
    if (notice.success) take(notice.data);
  });
  // Waits for the connection, and is repeated by ioredis after every reconnect.
  subscriber.subscribe(channel).catch(() => {});
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
