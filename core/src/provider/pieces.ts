import type { Readable } from 'node:stream';

/** Reads a response's body: what has come since the last time comes as one piece. */
export interface PieceReader {
  /** Undefined at the end; rejects when the body breaks off. One call at a time. */
  next(): Promise<Uint8Array | undefined>;
  /**
   * No more is wanted.
   *
   * @param isWhole all that matters has come: the rest is let pass, so that the connection can be used again
   */
  close(isWhole: boolean): void;
}

/** Unread bytes from which on the sender has to wait. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** How long a server may take to end a body after its last word. */
const LINGER_MS = 1_000;

/** A stream's own iterator costs more than the pieces it hands on, and leaving it early cuts the connection. */
export function createPieceReader(body: Readable): PieceReader {
  let unread: Uint8Array[] = [];
  let unreadBytes = 0;
  let isEnded = false;
  let isClosed = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  const on = (change: () => void) => () => {
    change();
    wake?.();
  };
  body.on('data', (piece: Uint8Array) => {
    if (isClosed) return;
    unread.push(piece);
    unreadBytes += piece.length;
    if (unreadBytes > MAX_UNREAD_BYTES) body.pause();
    wake?.();
  });
  body.once(
    'end',
    on(() => {
      isEnded = true;
    }),
  );
  body.on('error', (error) =>
    on(() => {
      failure ??= error;
    })(),
  );
  body.once(
    'close',
    on(() => {
      if (!isEnded) failure ??= new Error('the body broke off');
    }),
  );

  function take(): Uint8Array {
    const piece = unread.length === 1 ? (unread[0] as Uint8Array) : Buffer.concat(unread);
    unread = [];
    unreadBytes = 0;
    if (body.isPaused()) body.resume();
    return piece;
  }

  return {
    async next() {
      while (unread.length === 0) {
        if (isEnded) return undefined;
        if (failure) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      return take();
    },
    close(isWhole) {
      isClosed = true;
      unread = [];
      if (isEnded) return;
      if (!isWhole) return void body.destroy();
      if (body.isPaused()) body.resume();
      const linger = setTimeout(() => body.destroy(), LINGER_MS);
      body.once('close', () => clearTimeout(linger));
    },
  };
}
