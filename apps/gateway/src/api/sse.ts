import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** Server-sent events to a caller that may be slow, or leave. */
export interface EventStream {
  /** Resolves when the caller's side has room for more. */
  send(data: unknown, event?: string): Promise<void>;
  /** Whole lines of the format itself: comments, `retry`. */
  write(lines: string): void;
  end(): void;
}

/** An idle line is cut by proxies after a minute or so. */
const HEARTBEAT_MS = 15_000;
/** What is said within one turn of the event loop leaves in one write; more than this does not wait for that. */
const MAX_UNSENT_CHARACTERS = 64 * 1024;

export function openEventStream(reply: FastifyReply, headers: Record<string, string>): EventStream {
  const { raw } = reply;
  reply.hijack();
  const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS);
  raw.once('close', () => clearInterval(heartbeat));
  let unsent = '';
  let isBegun = false;

  function begin(more: Record<string, number> = {}): void {
    isBegun = true;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // For nginx: what is written is to be passed on at once.
      'x-accel-buffering': 'no',
      ...more,
    });
  }

  function take(): string {
    const text = unsent;
    unsent = '';
    return text;
  }

  function flush(): void {
    if (unsent === '' || raw.destroyed) return;
    if (!isBegun) begin();
    raw.write(take());
  }

  function write(lines: string): void {
    if (raw.destroyed) return;
    if (unsent === '') process.nextTick(flush);
    unsent += lines;
    if (unsent.length > MAX_UNSENT_CHARACTERS) flush();
  }

  return {
    write,
    async send(data, event) {
      const name = event === undefined ? '' : `event: ${event}\n`;
      write(`${name}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
      if (raw.writableNeedDrain) await roomIn(raw);
    },
    end() {
      clearInterval(heartbeat);
      if (raw.destroyed) return;
      const text = take();
      // All of it at once, as from the cache: one write, where a body of chunks takes five.
      if (!isBegun) begin({ 'content-length': Buffer.byteLength(text) });
      raw.end(text);
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
