import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';

export interface FileWatchOptions {
  logger: Logger;
  /** How long the folder must be quiet before the file is looked at: editors and mounts change it in several steps. */
  debounceMs: number;
  /** How often the file is looked at in any case. */
  pollMs: number;
}

/**
 * Calls `look` whenever `file` may have changed: soon after any event in its folder, and at a slow beat. The folder is
 * watched and not the file, because editors replace files and Kubernetes swaps a symlink (`..data`) beside them; the
 * beat covers file systems and moments that give no event. `look` never overlaps itself; it must not reject.
 */
export function watchFile(
  file: string,
  look: () => Promise<void>,
  options: FileWatchOptions,
): { close(): Promise<void> } {
  let closed = false;
  let again = false;
  let looking: Promise<void> | undefined;
  let pending: NodeJS.Timeout | undefined;

  function start(): void {
    if (closed) return;
    if (looking) {
      again = true;
      return;
    }
    looking = look().finally(() => {
      looking = undefined;
      if (!again) return;
      again = false;
      start();
    });
  }

  function schedule(): void {
    clearTimeout(pending);
    pending = setTimeout(start, options.debounceMs);
    pending.unref();
  }

  const watcher = openWatcher(dirname(file), schedule, options.logger);
  const beat = setInterval(start, options.pollMs);
  beat.unref();

  return {
    async close() {
      closed = true;
      clearTimeout(pending);
      clearInterval(beat);
      watcher?.close();
      await looking;
    },
  };
}

/** A watcher is a convenience: where there is none (limits of the system, odd mounts), the beat does its work. */
function openWatcher(folder: string, onEvent: () => void, logger: Logger): FSWatcher | undefined {
  const give = (error: unknown): void =>
    logger.warn({ err: error }, 'cannot watch the configuration folder; polling only');
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', (error) => {
      give(error);
      watcher.close();
    });
    return watcher;
  } catch (error) {
    give(error);
    return undefined;
  }
}
