import { EVENTS_CHANNEL, type RedisClient, TURNS_CHANNEL } from '@parley/core/bus';
import type { RouteHealth } from '@parley/core/pool';
import { z } from 'zod';

const messageNotice = z.object({
  platform: z.string(),
  channel: z.string(),
  conversation: z.string(),
  kind: z.string(),
  timestamp: z.number(),
});
const turnNotice = z.object({
  turn: z.string(),
  tenant: z.string(),
  platform: z.string(),
  channel: z.string(),
  conversation: z.string(),
  status: z.string(),
  kind: z.string(),
  timestamp: z.number(),
});
type Breakers = Pick<RouteHealth, 'model' | 'endpoint' | 'breaker'>[];

/** Something that happened in the hub, for whoever watches. Never what was said. */
export type LiveEvent =
  | { name: 'message'; data: z.output<typeof messageNotice> }
  | { name: 'turn'; data: z.output<typeof turnNotice> }
  | { name: 'config'; data: { version: number | null } }
  | { name: 'health'; data: { models: Breakers } };

export interface LiveEvents {
  /** Calls `hear` with every event until the returned function is called; `ended` when there will be none any more. */
  listen(hear: (event: LiveEvent) => void, ended: () => void): () => void;
  /** Tells the listeners of this process. */
  emit(event: LiveEvent): void;
  /** Ends all streams: a server that is to close does not wait for them. */
  close(): void;
}

export interface LiveEventsOptions {
  /** A connection of its own: one that subscribes can do nothing else. Closed by `close`. */
  subscriber: Pick<RedisClient, 'on' | 'subscribe' | 'unsubscribe' | 'disconnect'>;
  health?: (() => RouteHealth[]) | undefined;
  healthEveryMs?: number;
}

const CHANNELS = [EVENTS_CHANNEL, TURNS_CHANNEL];

/** What this process hears of the hub, from Redis Pub/Sub. Redis is listened to only while somebody watches. */
export function createLiveEvents({
  subscriber,
  health = () => [],
  healthEveryMs = 5_000,
}: LiveEventsOptions): LiveEvents {
  const listeners = new Set<{ hear: (event: LiveEvent) => void; ended: () => void }>();
  let watching: NodeJS.Timeout | undefined;
  let known = '';
  let closed = false;

  const emit = (event: LiveEvent) => {
    for (const { hear } of listeners) hear(event);
  };
  subscriber.on('message', (channel: string, text: string) => {
    const event = readNotice(channel, text);
    if (event) emit(event);
  });

  const breakersNow = (): Breakers =>
    health()
      .filter(({ keyFingerprint }) => keyFingerprint === undefined)
      .map(({ model, endpoint, breaker }) => ({ model, endpoint, breaker }));
  const nameOf = (models: Breakers) => JSON.stringify(models.filter(({ breaker }) => breaker !== 'closed'));

  function lookAtHealth(): void {
    const models = breakersNow();
    if (nameOf(models) === known) return;
    known = nameOf(models);
    emit({ name: 'health', data: { models } });
  }

  function begin(): void {
    known = nameOf(breakersNow());
    watching = setInterval(lookAtHealth, healthEveryMs);
    // Waits for the connection, and is repeated by ioredis after every reconnect.
    void subscriber.subscribe(...CHANNELS).catch(() => undefined);
  }

  function rest(): void {
    clearInterval(watching);
    if (!closed) void subscriber.unsubscribe(...CHANNELS).catch(() => undefined);
  }

  return {
    emit,
    listen(hear, ended) {
      if (closed) {
        queueMicrotask(ended);
        return () => undefined;
      }
      const listener = { hear, ended };
      if (listeners.size === 0) begin();
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) rest();
      };
    },
    close() {
      closed = true;
      for (const { ended } of [...listeners]) ended();
      rest();
      subscriber.disconnect();
    },
  };
}

/** What has not the shape is passed over: it may come from a newer hub. */
function readNotice(channel: string, text: string): LiveEvent | undefined {
  const data = parse(text);
  if (channel === EVENTS_CHANNEL) {
    const notice = messageNotice.safeParse(data);
    return notice.success ? { name: 'message', data: notice.data } : undefined;
  }
  const notice = turnNotice.safeParse(data);
  return notice.success ? { name: 'turn', data: notice.data } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
