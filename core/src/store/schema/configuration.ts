import { bigint, index, jsonb, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { mirrored, moment } from './columns.ts';

export const tenants = pgTable('tenants', {
  tenant: text('tenant').primaryKey(),
  name: text('name'),
  ...mirrored(),
});

/** Channel ids stand in webhook URLs, so they are unique in the whole hub. */
export const channels = pgTable(
  'channels',
  {
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    platform: text('platform').notNull(),
    /** The credentials as one sealed JSON text. */
    sealed: text('sealed').notNull(),
    ...mirrored(),
  },
  (table) => [index('channels_tenant').on(table.tenant)],
);

/** `tenant` is `*` for a model of the configuration file: every tenant that lists it may use it. */
export const models = pgTable(
  'models',
  {
    tenant: text('tenant').notNull(),
    id: text('id').notNull(),
    provider: text('provider').notNull(),
    /** The keys as one sealed JSON text. */
    sealed: text('sealed').notNull(),
    ...mirrored(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
);

/** Since when a model's key is in use; named by its fingerprint. */
export const modelKeys = pgTable(
  'model_keys',
  {
    fingerprint: text('fingerprint').notNull(),
    model: text('model').notNull(),
    firstSeen: moment('first_seen').notNull(),
  },
  (table) => [primaryKey({ columns: [table.fingerprint, table.model] })],
);

/** What people changed in the console, whole at every step; the secrets in it are sealed. */
export const configVersions = pgTable('config_versions', {
  version: bigint('version', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  document: jsonb('document').$type<Record<string, unknown>>().notNull(),
  author: text('author').notNull(),
  comment: text('comment').notNull().default(''),
  /** The version that was active when this one was written. */
  basedOn: bigint('based_on', { mode: 'number' }),
  createdAt: moment('created_at').notNull().defaultNow(),
  /** When it last became the active one; null: a draft. */
  activatedAt: moment('activated_at'),
});

/** One row: which version is in force. */
export const configActive = pgTable('config_active', {
  id: smallint('id').primaryKey(),
  version: bigint('version', { mode: 'number' })
    .notNull()
    .references(() => configVersions.version),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});
