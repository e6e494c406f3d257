import type { Dispatcher } from 'undici';

/** A request that is written at once and whose answer is read whole. */
export interface Exchange {
  /** As `URL.origin` has it. */
  origin: string;
  /** With the query, if there is one. */
  path: string;
  method: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /** From the call to the last byte of the answer. */
  timeoutMs: number;
  /** Longer answers are an error. */
  maxBytes: number;
}

export interface Answer {
  status: number;
  statusText: string;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/**
 * One request over a pooled dispatcher, with an end. What the platforms' methods take and give are a few hundred bytes:
 * undici's `request` makes a stream, an async resource and a signal's listeners of each, which cost as much as the request.
 * Redirects are answers like others. Rejects with a `TimeoutError` or an `AbortError`, else with what undici says.
 *
 * @param signal its abort cuts the request, which may have had its effect all the same
 */
export function exchange(dispatcher: Dispatcher, request: Exchange, signal?: AbortSignal): Promise<Answer> {
  const { origin, path, method, headers, body, timeoutMs, maxBytes } = request;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let controller: Dispatcher.DispatchController | undefined;
  let stopped: Error | undefined;
  let head: Omit<Answer, 'text'> | undefined;
  const pieces: Buffer[] = [];
  let bytes = 0;

  const timer = setTimeout(() => stop(new DOMException(`no answer for ${timeoutMs} ms`, 'TimeoutError')), timeoutMs);
  const onAbort = () => stop(new DOMException('the call was given up', 'AbortError'));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });

  /** Whoever waits hears of it at once, however long the socket takes. */
  function stop(error: Error): void {
    stopped = error;
    fail(error);
    controller?.abort(error);
  }

  function fail(error: Error): void {
    end();
    reject(error);
  }

  function end(): void {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }

  dispatcher.dispatch(
    { origin, path, method, headers, body: body ?? null },
    {
      onRequestStart(started) {
        controller = started;
        // It waited for a socket, and nobody for it any more.
        if (stopped) started.abort(stopped);
      },
      onResponseStart(_controller, status, received, statusText = '') {
        // What comes before the answer (100, 103) says nothing.
        if (status >= 200) head = { status, statusText, headers: received };
      },
      onResponseData(_controller, piece) {
        bytes += piece.byteLength;
        if (bytes > maxBytes) stop(new Error('the answer is too long'));
        else pieces.push(piece);
      },
      onResponseEnd() {
        if (!head) return fail(new Error('an answer without a head'));
        end();
        const whole = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
        resolve({ ...head, text: whole?.toString('utf8') ?? '' });
      },
      onResponseError: (_controller, error) => fail(error),
    },
  );
  return promise;
}
