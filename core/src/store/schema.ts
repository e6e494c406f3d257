/**
 * The hub's tables. Every row carries its tenant. After a change here run `pnpm drizzle-kit generate`, which writes the
 * migration that `parley migrate` applies.
 */
export * from './schema/audit.ts';
export * from './schema/backups.ts';
export type { EntrySource } from './schema/columns.ts';
export * from './schema/configuration.ts';
export * from './schema/keys.ts';
export * from './schema/people.ts';
export * from './schema/turns.ts';
