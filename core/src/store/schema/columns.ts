import { boolean, jsonb, text, timestamp } from 'drizzle-orm/pg-core';

/** Where an entry of the configuration comes from. */
export type EntrySource = 'file' | 'environment' | 'console';

export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** What every row that mirrors the configuration has in common. */
export const mirrored = () => ({
  source: text('source').$type<EntrySource>().notNull(),
  /** False once the configuration no longer has it; the row stays for what refers to it. */
  active: boolean('active').notNull().default(true),
  /** Everything but the secrets, as in the configuration. */
  settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
  /** Keyed hash over settings and secrets: tells whether the configuration still says the same. */
  digest: text('digest').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});
