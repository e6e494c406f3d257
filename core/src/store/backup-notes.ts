import { getTableColumns, sql } from 'drizzle-orm';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import { backupNotes } from './schema.ts';

export type BackupNote = typeof backupNotes.$inferSelect;

/** Whether the database is saved as often as somebody wants it to be. */
export interface BackupState {
  /** The moment that the last backup shows, Unix ms; undefined: there was none. */
  lastAt: number | undefined;
  /** How old it may be; undefined: nobody expects any. */
  maxAgeMs: number | undefined;
}

/**
 * Keeps a note of what was saved or read back, in place of an older one about the same. Two who end at the same time:
 * the later one counts.
 */
export function noteBackup(store: Store, note: BackupNote): Promise<void> {
  return guarded('noting a backup', () =>
    store.db.transaction(
      async (tx) => {
        const { event, ...columns } = getTableColumns(backupNotes);
        const set = Object.fromEntries(
          Object.entries(columns).map(([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`]),
        );
        await tx
          .insert(backupNotes)
          .values(note)
          .onConflictDoUpdate({ target: event, set, setWhere: sql`excluded.at >= ${backupNotes.at}` });
      },
      // The role of backups reads, unless it says otherwise: see deploy/postgres/roles.sql.
      { accessMode: 'read write' },
    ),
  );
}

/** What was last saved and read back, in no order; nothing where nobody ever did. */
export function readBackupNotes({ db }: Store): Promise<BackupNote[]> {
  return guarded('reading notes of backups', () => db.select().from(backupNotes));
}
