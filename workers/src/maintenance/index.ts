import { setTimeout as sleep } from 'node:timers/promises';
import type { DrainArchive, FinishedTurn, Leases, Sweep } from '@parley/core/bus';
import type { Logger } from 'pino';

export interface MaintenanceOptions {
  leases: Leases;
  sweep: Sweep;
  drainArchive: DrainArchive;
  /** Writes finished turns to the database, idempotently under the turn's id. */
  writeTurns: (turns: FinishedTurn[]) => Promise<void>;
  /** Ends forgotten reservations and moves the ledger to the database; returns how much there was to do. */
  keepLedger: () => Promise<number>;
  /** Deletes what tenants no longer want kept, and looks after what ages. */
  tidy: () => Promise<void>;
  logger: Logger;
}

/** Housekeeping that one worker does for all: every worker offers itself, a lease decides. */
export interface Maintenance {
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 500;
const ARCHIVE_EVERY_MS = 500;
const LEDGER_EVERY_MS = 1_000;
const TIDY_EVERY_MS = 3_600_000;

export function createMaintenance(options: MaintenanceOptions): Maintenance {
  const { leases, sweep, drainArchive, writeTurns, keepLedger, tidy, logger } = options;
  const stop = new AbortController();

  const archive = (rows: string[]) => writeTurns(rows.flatMap((row) => parseRow(row, logger)));
  const ended = Promise.all([
    leases.runExclusive('sweep', ({ signal }) => repeat(SWEEP_EVERY_MS, signal, sweep), stop.signal),
    leases.runExclusive(
      'archive',
      ({ signal }) => repeat(ARCHIVE_EVERY_MS, signal, () => drainArchive(archive)),
      stop.signal,
    ),
    leases.runExclusive('ledger', ({ signal }) => repeat(LEDGER_EVERY_MS, signal, keepLedger), stop.signal),
    leases.runExclusive('tidy', ({ signal }) => repeat(TIDY_EVERY_MS, signal, tidy), stop.signal),
  ]);

  return {
    async close() {
      stop.abort();
      await ended;
    },
  };
}

/** Does the work again and again until the signal aborts; a failure ends it, and the lease starts it anew after a pause. */
async function repeat(everyMs: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A row that cannot be read would block all behind it for ever: it is logged and left out. */
function parseRow(row: string, logger: Logger): FinishedTurn[] {
  try {
    return [JSON.parse(row) as FinishedTurn];
  } catch (error) {
    logger.error({ err: error, bytes: row.length }, 'unreadable archive row dropped');
    return [];
  }
}
