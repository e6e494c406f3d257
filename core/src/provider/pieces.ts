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
/** Unread bytes that are not held back to gather more. */
const GATHERED_BYTES = 32 * 1024;

export interface PieceReaderOptions {
  /** Pieces that come within so long of the one before are handed on together. Never the first one, and never the end. */
  gatherMs?: number | undefined;
  /** What the last piece has in it: it is not held back. */
  lastWord: string;
}

/** A stream's own iterator costs more than the pieces it hands on, and leaving it early cuts the connection. */
export function createPieceReader(body: Readable, { gatherMs = 0, lastWord }: PieceReaderOptions): PieceReader {
  let unread: Uint8Array[] = [];
  let unreadBytes = 0;
  let isEnded = false;
  let isClosed = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  let hasLast = false;
  let notBefore = 0;
  let timer: NodeJS.Timeout | undefined;

  function isReady(): boolean {
    if (isEnded || failure) return true;
    if (unread.length === 0) return false;
    return gatherMs === 0 || hasLast || unreadBytes > GATHERED_BYTES || performance.now() >= notBefore;
  }

  /** Wakes the reader when there is something for it, now or when enough has been gathered. */
  function wakeWhenReady(): void {
    if (!wake) return;
    if (isReady()) wake();
    else if (unread.length > 0)
      timer ??= setTimeout(() => {
        timer = undefined;
        wakeWhenReady();
      }, notBefore - performance.now());
  }

  const on = (change: () => void) => () => {
    change();
    wakeWhenReady();
  };
  body.on('data', (piece: Buffer) => {
    if (isClosed) return;
    unread.push(piece);
    unreadBytes += piece.length;
    if (unreadBytes > MAX_UNREAD_BYTES) body.pause();
    if (gatherMs > 0) hasLast ||= piece.includes(lastWord);
    wakeWhenReady();
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
    clearTimeout(timer);
    timer = undefined;
    notBefore = performance.now() + gatherMs;
    if (body.isPaused()) body.resume();
    return piece;
  }

  return {
    async next() {
      while (!isReady()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          wakeWhenReady();
        });
        wake = undefined;
      }
      if (unread.length > 0) return take();
      if (failure) throw failure;
      return undefined;
    },
    close(isWhole) {
      isClosed = true;
      clearTimeout(timer);
      unread = [];
      if (isEnded) return;
      if (!isWhole) return void body.destroy();
      if (body.isPaused()) body.resume();
      const linger = setTimeout(() => body.destroy(), LINGER_MS);
      body.once('close', () => clearTimeout(linger));
    },
  };
}
