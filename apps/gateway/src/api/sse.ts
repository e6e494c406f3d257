import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** Server-sent events to a caller that may be slow, or leave. */
export interface EventStream {
  /** Resolves when the caller's side has room for more. */
  send(data: unknown, event?: string): Promise<void>;
  end(): void;
}

/** An idle line is cut by proxies after a minute or so. */
const HEARTBEAT_MS = 15_000;

export function openEventStream(reply: FastifyReply, headers: Record<string, string>): EventStream {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // For nginx: what is written is to be passed on at once.
    'x-accel-buffering': 'no',
  });
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
  raw.once('close', () => clearInterval(heartbeat));
  return {
    async send(data, event) {
      if (raw.destroyed) return;
      const name = event === undefined ? '' : `event: ${event}\n`;
      const text = `${name}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
      if (!raw.write(text)) await roomIn(raw);
    },
    end() {
      clearInterval(heartbeat);
      raw.end();
    },
  };
}

/** Resolves when there is room for more, or nobody there any more; leaves no listener behind. */
async function roomIn(raw: FastifyReply['raw']): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })]).finally(() => over.abort());
}

/** Aborts when the caller hangs up before it has its answer. */
export function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const { raw } = reply;
  // Whoever has left already is not told of again.
  if (raw.destroyed) gone.abort();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
