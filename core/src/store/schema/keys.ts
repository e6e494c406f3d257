import { index, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** Keys that sign the hub's own tokens. The public half stays until no token of it can be valid. */
export const signingKeys = pgTable('signing_keys', {
  kid: text('kid').primaryKey(),
  publicJwk: jsonb('public_jwk').$type<Record<string, unknown>>().notNull(),
  /** The private JWK as sealed JSON. */
  sealed: text('sealed').notNull(),
  createdAt: moment('created_at').notNull(),
  /** No new tokens after this; null: the present one. */
  retiredAt: moment('retired_at'),
});

/** API keys that were made at run time; those of the file are not here. Only a hash is kept. */
export const apiKeys = pgTable(
  'api_keys',
  {
    tenant: text('tenant').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull().default(''),
    createdBy: text('created_by').notNull().default(''),
    prefix: text('prefix').notNull(),
    hash: text('hash').notNull(),
    scopes: jsonb('scopes').$type<string[]>().notNull(),
    limits: jsonb('limits').$type<Record<string, number>>(),
    sealedSigningSecret: text('sealed_signing_secret'),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at'),
    lastUsedAt: moment('last_used_at'),
    revokedAt: moment('revoked_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    uniqueIndex('api_keys_hash').on(table.hash),
    index('api_keys_prefix').on(table.prefix),
  ],
);
