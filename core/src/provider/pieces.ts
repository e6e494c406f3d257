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

/** Where the pieces come from, as far as a reader has a say in it. */
export interface PieceSource {
  pause(): void;
  resume(): void;
  /** Cuts the connection. */
  cut(): void;
}

/** Takes the pieces as they come. */
export interface PieceSink {
  push(piece: Uint8Array): void;
  end(): void;
  /** It broke off. */
  fail(error: Error): void;
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

/** A stream of Node and its iterator cost more than the pieces they hand on, and leaving one early cuts the connection. */
export function createPieceReader(
  source: PieceSource,
  { gatherMs = 0, lastWord }: PieceReaderOptions,
): PieceReader & PieceSink {
  let unread: Uint8Array[] = [];
  let unreadBytes = 0;
  let isEnded = false;
  let isClosed = false;
  let isPaused = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  let hasLast = false;
  let notBefore = 0;
  let timer: NodeJS.Timeout | undefined;
  let linger: NodeJS.Timeout | undefined;

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

  function flow(): void {
    if (isPaused) source.resume();
    isPaused = false;
  }

  function take(): Uint8Array {
    const piece = unread.length === 1 ? (unread[0] as Uint8Array) : Buffer.concat(unread);
    unread = [];
    unreadBytes = 0;
    if (gatherMs > 0) {
      clearTimeout(timer);
      timer = undefined;
      notBefore = performance.now() + gatherMs;
    }
    flow();
    return piece;
  }

  return {
    push(piece) {
      if (isClosed) return;
      unread.push(piece);
      unreadBytes += piece.length;
      if (unreadBytes > MAX_UNREAD_BYTES && !isPaused) {
        isPaused = true;
        source.pause();
      }
      if (gatherMs > 0) hasLast ||= Buffer.from(piece.buffer, piece.byteOffset, piece.length).includes(lastWord);
      wakeWhenReady();
    },
    end() {
      isEnded = true;
      clearTimeout(linger);
      wakeWhenReady();
    },
    fail(error) {
      failure ??= error;
      clearTimeout(linger);
      wakeWhenReady();
    },
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
      if (isEnded || failure) return;
      if (!isWhole) return source.cut();
      flow();
      linger = setTimeout(() => source.cut(), LINGER_MS);
    },
  };
}
