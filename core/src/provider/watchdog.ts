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
  try {
    const stream = await patience.wait(open(request.signal));
    const events = stream[Symbol.asyncIterator]();
    while (true) {
      const next = await patience.wait(events.next());
      if (next.done) break;
      if (isProgress(next.value)) patience.renew();
      yield next.value;
    }
  } finally {
    patience.end();
    // Harmless after a complete stream; otherwise it closes the connection.
    request.abort();
  }
}

/** Waits for promises one after another with a common time budget. */
function createPatience(timeoutMs: number, signal: AbortSignal) {
  let leftMs = timeoutMs;
  let giveUp: (error: ParleyError) => void = () => {};
  const onAbort = () => giveUp(aborted());
  signal.addEventListener('abort', onAbort, { once: true });

  async function wait<T>(promise: PromiseLike<T>): Promise<T> {
    const work = Promise.resolve(promise);
    // After we have given up nobody looks at it any more, and it is going to fail.
    work.catch(() => {});
    if (signal.aborted) throw aborted();
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      giveUp = reject;
      const error = () => new ParleyError('model_timeout', `no token for ${timeoutMs} ms`);
      timer = setTimeout(() => reject(error()), Math.max(0, leftMs));
    });
    try {
      return await Promise.race([work, limit]);
    } finally {
      clearTimeout(timer);
      leftMs -= performance.now() - startedAt;
    }
  }

  return {
    wait,
    renew: () => {
      leftMs = timeoutMs;
    },
    end: () => signal.removeEventListener('abort', onAbort),
  };
}

function aborted(): ParleyError {
  return new ParleyError('model_aborted', 'the request was aborted');
}
