import { ParleyError } from '../errors/index.ts';

export interface WatchdogOptions<Event> {
  /** To the first progress, then from one to the next. Time that the reader takes between events does not count. */
  timeoutMs: number;
  /** The caller's: aborts the attempt. */
  signal: AbortSignal;
  /** Whether the event shows that the model works. Keep-alives and empty chunks must not hold a stalled answer open. */
  isProgress: (event: Event) => boolean;
}

/**
 * Runs one streamed request under its time limits: waits for the response and then for each event, and ends the
 * request when the reader leaves. The SDKs' own timeout stops at the response headers.
 *
 * Throws `model_timeout` and `model_aborted`; everything else as `open` and the stream throw it.
 */
export async function* watch<Event>(
  open: (signal: AbortSignal) => PromiseLike<AsyncIterable<Event>>,
  { timeoutMs, signal, isProgress }: WatchdogOptions<Event>,
): AsyncGenerator<Event> {
  const request = new AbortController();
  const patience = createPatience(timeoutMs, signal);
  let complete = false;
  try {
    const stream = await patience.wait(open(request.signal));
    const events = stream[Symbol.asyncIterator]();
    while (true) {
      const next = await patience.wait(events.next());
      if (next.done) break;
      if (isProgress(next.value)) patience.renew();
      yield next.value;
    }
    complete = true;
  } finally {
    patience.end();
    // Closes the connection. After a complete stream there is nothing to end.
    if (!complete) request.abort();
  }
}

/**
 * Waits for promises one after another with a common time budget. A stream waits once for every token, so there is one
 * timer for all of them: it looks at what is left when it rings, and goes on with that.
 */
function createPatience(timeoutMs: number, signal: AbortSignal) {
  let leftMs = timeoutMs;
  /** When the wait began that is under way. */
  let since: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (error: ParleyError) => void = () => {};
  const onAbort = () => giveUp(aborted());
  signal.addEventListener('abort', onAbort, { once: true });

  function ring(): void {
    timer = undefined;
    if (since === undefined) return;
    const remainingMs = leftMs - (performance.now() - since);
    if (remainingMs > 0) timer = setTimeout(ring, remainingMs);
    else giveUp(new ParleyError('model_timeout', `no token for ${timeoutMs} ms`));
  }

  function wait<T>(promise: PromiseLike<T>): Promise<T> {
    const { promise: outcome, resolve, reject } = Promise.withResolvers<T>();
    const startedAt = performance.now();
    const over = () => {
      if (since !== startedAt) return;
      since = undefined;
      leftMs -= performance.now() - startedAt;
    };
    // After we have given up nobody looks at it any more, and it is going to fail.
    promise.then(
      (value) => {
        over();
        resolve(value);
      },
      (error) => {
        over();
        reject(error);
      },
    );
    if (signal.aborted) reject(aborted());
    since = startedAt;
    giveUp = (error) => {
      over();
      reject(error);
    };
    timer ??= setTimeout(ring, Math.max(0, leftMs));
    return outcome;
  }

  return {
    wait,
    renew: () => {
      leftMs = timeoutMs;
    },
    end: () => {
      clearTimeout(timer);
      since = undefined;
      signal.removeEventListener('abort', onAbort);
    },
  };
}

function aborted(): ParleyError {
  return new ParleyError('model_aborted', 'the request was aborted');
}
