import { readFile } from 'node:fs/promises';
import { type BackupKey, type BackupPlace, createBackup, removeOldBackups } from '@parley/core/backup';
import { ParleyError } from '@parley/core/errors';
import { type BackupNote, noteBackup, type Store } from '@parley/core/store';
import { z } from 'zod';

export interface SaveOptions {
  store: Store;
  place: BackupPlace;
  key: BackupKey;
  full: boolean;
  /** How many backups stay; undefined: all. */
  keep: number | undefined;
  /** The operator's configuration file, which is saved as well. */
  configFile: string | undefined;
  /** Gives up. */
  signal?: AbortSignal | undefined;
}

/** What a command asks of a hub that runs. The hub has its own surroundings: credentials for S3 are its own. */
export const backupRequest = z.object({
  /** An absolute path, or `s3://BUCKET/PREFIX`. */
  to: z.string().min(1),
  full: z.boolean(),
  keep: z.int().positive().optional(),
  /** Under which key whoever asks would make it. */
  keyId: z.string(),
});

/** That a backup was read back and is whole. */
export const verifiedNote = z.object({
  event: z.literal('verified'),
  backup: z.string(),
  place: z.string(),
  takenAt: z.coerce.date(),
  at: z.coerce.date(),
  rows: z.int(),
  bytes: z.int(),
});

/** What was saved; as JSON it goes from a hub that runs to the command that asked it. */
export const savedBackup = z.object({
  id: z.string(),
  kind: z.enum(['full', 'incremental']),
  /** Why it is a full one. */
  reason: z.enum(['asked', 'first', 'long chain', 'other database', 'other schema']).optional(),
  rows: z.number(),
  bytes: z.number(),
  place: z.string(),
  key: z.object({ id: z.string(), source: z.enum(['master', 'own']) }),
  /** Ids of backups that were too old. */
  removed: z.array(z.string()),
  /** Why the database has no note of it; the backup is whole all the same. */
  noteFault: z.string().optional(),
});
export type SavedBackup = z.infer<typeof savedBackup>;

/** Saves the database, leaves a note of that in it, and removes backups that are too old. */
export async function saveBackup(options: SaveOptions): Promise<SavedBackup> {
  const { store, place, key, full, keep, configFile, signal } = options;
  const configuration = configFile === undefined ? undefined : await readFile(configFile, 'utf8');
  const { id, kind, reason, bytes, tables, takenAt, finishedAt } = await createBackup({
    store,
    place,
    key,
    full,
    configuration,
    signal,
  });
  const rows = tables.reduce((sum, table) => sum + table.rows.lines, 0);
  const noteFault = await noteFaultOf(store, {
    event: kind,
    backup: id,
    place: place.name,
    takenAt: new Date(takenAt),
    at: new Date(finishedAt),
    rows,
    bytes,
  });
  const removed = keep === undefined ? [] : await removeOldBackups(place, key, keep);
  return {
    id,
    kind,
    reason,
    rows,
    bytes,
    place: place.name,
    key: { id: key.id, source: key.source },
    removed,
    noteFault,
  };
}

/** Leaves a note for the hub; what was done stays done where that is not possible. */
export async function noteFaultOf(store: Store, note: BackupNote): Promise<string | undefined> {
  try {
    await noteBackup(store, note);
    return undefined;
  } catch (error) {
    if (error instanceof ParleyError) return error.message;
    throw error;
  }
}
