import { ParleyError } from '@parley/core/errors';
import { type EventStream, openEventStream } from '../../api/sse.ts';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import type { LiveEvent } from './live.ts';
import type { RuntimeParts } from './types.ts';

/** Streams of one process, and of one person in it. */
const MAX_STREAMS = 500;
const MAX_OWN = 20;
/** Events that wait for a slow reader; the oldest make room, and the reader is told. */
const MAX_WAITING = 256;
/** Browsers come back by themselves; a stream that nobody reads any more does not stay. */
const STREAM_MS = 5 * 60_000;
/** Rights may change or end while somebody watches; sessions and rights are at most this much behind anywhere. */
const RENEW_MS = 5_000;
const OUT: readonly string[] = ['unauthorized', 'forbidden'];
const COME_BACK_MS = 2_000;

export function eventRoutes(deps: RuntimeParts): AdminRoute[] {
  const { config, live, renewMs = RENEW_MS } = deps;
  const streams = new Map<string, number>();
  let open = 0;

  /** @throws ParleyError `rate_limited`, `unavailable` when too many watch */
  function take(who: string): () => void {
    const own = streams.get(who) ?? 0;
    if (own >= MAX_OWN) {
      throw new ParleyError('rate_limited', 'You watch in too many places: close some', { retryAfterMs: 30_000 });
    }
    if (open >= MAX_STREAMS) {
      throw new ParleyError('unavailable', 'Too many people watch this process', { retryAfterMs: 30_000 });
    }
    streams.set(who, own + 1);
    open++;
    return () => {
      const left = (streams.get(who) ?? 1) - 1;
      if (left > 0) streams.set(who, left);
      else streams.delete(who);
      open--;
    };
  }

  /** An event as somebody may see it; undefined: not at all. */
  function seenBy({ may }: Pick<RouteContext, 'may'>, { name, data }: LiveEvent): object | undefined {
    switch (name) {
      case 'message': {
        const tenant = config().channels.find(({ id }) => id === data.channel)?.tenant;
        return tenant !== undefined && may(tenant, 'conversation:read', data.conversation) ? data : undefined;
      }
      case 'turn': {
        const { turn, tenant, ...rest } = data;
        return may(tenant, 'turn:read', turn) ? { id: turn, tenant, ...rest } : undefined;
      }
      case 'health':
        return { models: data.models.filter(({ model }) => may('*', 'model:read', model)) };
      case 'config':
        return data;
    }
  }

  return [
    route({
      method: 'GET',
      path: '/events',
      action: 'self',
      tag: 'Events',
      summary:
        'What happens, as it happens: events `message`, `turn`, `config` and `health`, of the tenants one may see',
      produces: 'text/event-stream',
      handle: (input) => {
        const giveBack = take(input.actor.id);
        const stream = openEventStream(input.reply, {});
        const outbox = createOutbox(stream);
        const leave = () => {
          clearTimeout(timer);
          clearInterval(renewal);
          stopListening();
          outbox.close();
          stream.end();
        };
        const timer = setTimeout(leave, STREAM_MS);
        // A database that is away for a moment is no reason.
        const leaveIfOut = (error: unknown) => {
          if (error instanceof ParleyError && OUT.includes(error.code)) leave();
        };
        const renewal = setInterval(() => void input.renew().catch(leaveIfOut), renewMs);
        const stopListening = live.listen((event) => {
          const data = seenBy(input, event);
          if (data) outbox.put(event.name, data);
        }, leave);
        const { raw } = input.reply;
        const closed = () => {
          giveBack();
          leave();
        };
        // Whoever left while their rights were looked up is not told of again.
        if (raw.destroyed) return closed();
        raw.once('close', closed);
        stream.write(`retry: ${COME_BACK_MS}\n\n`);
      },
    }),
  ];
}

interface Outbox {
  put(name: string, data: object): void;
  close(): void;
}

/** Writes events one after the other as fast as the reader takes them, and no more than so many wait. */
function createOutbox(stream: EventStream): Outbox {
  const waiting: { name: string; data: object }[] = [];
  let missed = 0;
  let writing = false;
  let closed = false;

  async function write(): Promise<void> {
    writing = true;
    for (let next = waiting.shift(); next && !closed; next = waiting.shift()) {
      if (missed > 0) {
        const gap = missed;
        missed = 0;
        await stream.send({ missed: gap }, 'gap');
      }
      await stream.send(next.data, next.name);
    }
    writing = false;
  }

  return {
    put(name, data) {
      if (closed) return;
      if (waiting.length >= MAX_WAITING) {
        waiting.shift();
        missed++;
      }
      waiting.push({ name, data });
      // A reader whose connection broke is gone; its stream is closed elsewhere.
      if (!writing) void write().catch(() => undefined);
    },
    close() {
      closed = true;
      waiting.length = 0;
    },
  };
}
