import type { Logger } from 'pino';

/** Signals that come together (a supervisor signals the whole process group and npm hands it on) count as one. */
const SAME_SIGNAL_MS = 500;

/**
 * Resolves at the first SIGTERM or SIGINT, when the process should drain. A second signal exits at once.
 */
export function untilSignal(logger: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = 0;
    const onSignal = (signal: NodeJS.Signals) => {
      const now = performance.now();
      if (first === 0) {
        first = now;
        logger.info({ signal }, 'draining');
        resolve(signal);
      } else if (now - first > SAME_SIGNAL_MS) {
        logger.warn({ signal }, 'second signal: exiting at once');
        process.exit(1);
      }
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
