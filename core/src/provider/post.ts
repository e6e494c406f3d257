import type { Dispatcher } from 'undici';
import { createPieceReader, type PieceReader, type PieceReaderOptions, type PieceSink } from './pieces.ts';

/** The head of a response, and its body as it comes. */
export interface PostResponse {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  pieces: PieceReader;
}

export interface PostOptions extends PieceReaderOptions {
  /** Ends the request, at whatever point it is. */
  signal: AbortSignal;
}

type Request = Pick<Dispatcher.DispatchOptions, 'origin' | 'path' | 'headers' | 'body'>;

/**
 * Sends one POST and resolves with the response's head; rejects with undici's error, or with the signal's reason. What
 * undici's own `request` puts around it (a stream, an async resource, listeners on both) costs more than the exchange.
 */
export function post(
  dispatcher: Dispatcher,
  request: Request,
  { signal, ...options }: PostOptions,
): Promise<PostResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let pieces: (PieceReader & PieceSink) | undefined;
    // One that waits for a connection is told when it gets one.
    const onAbort = () => controller?.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const over = () => signal.removeEventListener('abort', onAbort);

    dispatcher.dispatch(
      { ...request, method: 'POST' },
      {
        onRequestStart(started) {
          controller = started;
          if (signal.aborted) started.abort(signal.reason);
        },
        onResponseStart(started, statusCode, headers) {
          if (statusCode < 200) return;
          const source = {
            pause: () => started.pause(),
            resume: () => started.resume(),
            cut: () => started.abort(new Error('no more is wanted')),
          };
          pieces = createPieceReader(source, options);
          resolve({ statusCode, headers, pieces });
        },
        onResponseData: (_, piece) => pieces?.push(piece),
        onResponseEnd() {
          over();
          pieces?.end();
        },
        onResponseError(_, error) {
          over();
          pieces?.fail(error);
          reject(error);
        },
      },
    );
  });
}
