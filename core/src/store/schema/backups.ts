import { bigint, pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** What a note is about: a backup of that kind was written, or one was read back and found whole. */
export type BackupEvent = 'full' | 'incremental' | 'verified';

/** The last of each: three rows at most. So the hub can tell when it was last saved, though others save it. */
export const backupNotes = pgTable('backup_notes', {
  event: text('event').$type<BackupEvent>().primaryKey(),
  /** The backup's id, and where it is; no secret. */
  backup: text('backup').notNull(),
  place: text('place').notNull(),
  /** The moment that the backup shows. */
  takenAt: moment('taken_at').notNull(),
  /** When it was written, or had been read. */
  at: moment('at').notNull(),
  rows: bigint('rows', { mode: 'number' }).notNull(),
  bytes: bigint('bytes', { mode: 'number' }).notNull(),
});
