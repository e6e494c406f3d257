import type { Settings } from '@parley/core/config';
import { type BackupNote, type BackupState, readBackupNotes, type Store } from '@parley/core/store';
import type { Metrics } from '@parley/core/telemetry';
import type { Logger } from 'pino';

export interface BackupWatch {
  /** As it was last seen. */
  current(): BackupState;
  /** Looks now; what it saw before stays where the database is away. */
  look(): Promise<void>;
  close(): void;
}

/** Others save the database, and leave a note in it. */
const EVERY_MS = 10_000;

/** Knows when the database was last saved, and tells metrics and the console, neither of which waits for the database. */
export async function watchBackups(
  store: Store,
  { backupMaxAgeHours, isBackupExpected }: Pick<Settings, 'backupMaxAgeHours' | 'isBackupExpected'>,
  metrics: Pick<Metrics, 'backupTime' | 'backupBytes' | 'backupVerifiedTime' | 'backupMaxAgeSeconds'>,
  logger: Logger,
): Promise<BackupWatch> {
  let notes: readonly BackupNote[] = [];
  let looking: Promise<void> | undefined;

  async function read(): Promise<void> {
    try {
      notes = await readBackupNotes(store);
    } catch (error) {
      logger.debug({ err: error }, 'notes of backups cannot be read');
    }
  }
  function look(): Promise<void> {
    looking ??= read().finally(() => {
      looking = undefined;
    });
    return looking;
  }
  const written = () =>
    notes.flatMap(({ event, ...note }) => (event === 'verified' ? [] : [{ labels: { kind: event }, ...note }]));
  function current(): BackupState {
    const lastAt = written().reduce<number | undefined>(
      (last, { takenAt }) => Math.max(last ?? 0, +takenAt),
      undefined,
    );
    const isExpected = backupMaxAgeHours > 0 && (isBackupExpected || lastAt !== undefined);
    return { lastAt, maxAgeMs: isExpected ? backupMaxAgeHours * 3_600_000 : undefined };
  }

  metrics.backupTime.ask(() => written().map(({ labels, takenAt }) => ({ labels, value: +takenAt / 1000 })));
  metrics.backupBytes.ask(() => written().map(({ labels, bytes }) => ({ labels, value: bytes })));
  metrics.backupVerifiedTime.ask(() =>
    notes.flatMap(({ event, at }) => (event === 'verified' ? [{ labels: {}, value: +at / 1000 }] : [])),
  );
  metrics.backupMaxAgeSeconds.ask(() => {
    const { maxAgeMs } = current();
    return maxAgeMs === undefined ? [] : [{ labels: {}, value: maxAgeMs / 1000 }];
  });
  await look();
  const timer = setInterval(() => void look(), EVERY_MS);
  return { current, look, close: () => clearInterval(timer) };
}
