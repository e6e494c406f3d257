/** Where log lines go. */
export interface LineWriter {
  write(lines: string): unknown;
  flushSync(): void;
}

/** So long the lines after one that was just written wait for each other. */
const GATHER_MS = 20;
const GATHER_MAX_CHARACTERS = 64 * 1024;

/**
 * The first line goes out at once, those that come right after it together: under load a system call for each would cost
 * more than making it. When the process ends what is left is written.
 */
export function gatherLines(out: LineWriter): LineWriter {
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;
  let isWatched = false;

  function pass(): void {
    if (gathered !== '') out.write(gathered);
    gathered = '';
  }

  function ring(): void {
    timer = gathered === '' ? undefined : setTimeout(ring, GATHER_MS).unref();
    pass();
  }

  function flushSync(): void {
    pass();
    out.flushSync();
  }

  return {
    write(lines) {
      gathered += lines;
      if (timer !== undefined && gathered.length < GATHER_MAX_CHARACTERS) return;
      pass();
      timer ??= setTimeout(ring, GATHER_MS).unref();
      if (isWatched) return;
      isWatched = true;
      process.once('exit', flushSync);
    },
    flushSync,
  };
}
