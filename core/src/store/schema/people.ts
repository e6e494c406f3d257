import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** People who may use the console. */
export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    /** Lower case. */
    username: text('username').notNull(),
    name: text('name').notNull().default(''),
    email: text('email'),
    /** argon2id; null: signs in elsewhere only. */
    passwordHash: text('password_hash'),
    mustChangePassword: boolean('must_change_password').notNull().default(false),
    /** The TOTP secret, sealed; it counts once it was confirmed. */
    sealedTotp: text('sealed_totp'),
    totpConfirmed: boolean('totp_confirmed').notNull().default(false),
    /** The time step of the last code that was taken: a code opens the door once. */
    totpLastStep: bigint('totp_last_step', { mode: 'number' }),
    /** Hashes of the recovery codes that are left. */
    recoveryHashes: jsonb('recovery_hashes').$type<string[]>().notNull().default([]),
    oidcIssuer: text('oidc_issuer'),
    oidcSubject: text('oidc_subject'),
    disabled: boolean('disabled').notNull().default(false),
    failedAttempts: integer('failed_attempts').notNull().default(0),
    lockedUntil: moment('locked_until'),
    lastLoginAt: moment('last_login_at'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('users_username').on(table.username),
    uniqueIndex('users_oidc').on(table.oidcIssuer, table.oidcSubject),
  ],
);

/** Which role a person has where; tenant `*`: everywhere. */
export const userRoles = pgTable(
  'user_roles',
  {
    user: text('user')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    tenant: text('tenant').notNull(),
    role: text('role').notNull(),
  },
  (table) => [primaryKey({ columns: [table.user, table.tenant, table.role] })],
);

/** Rules of access beyond the built-in roles; tenant `*`: for every tenant. */
export const policies = pgTable('policies', {
  id: text('id').primaryKey(),
  tenant: text('tenant').notNull(),
  name: text('name').notNull(),
  effect: text('effect').$type<'allow' | 'deny'>().notNull(),
  actions: jsonb('actions').$type<string[]>().notNull(),
  resources: jsonb('resources').$type<string[]>().notNull(),
  principals: jsonb('principals').$type<string[]>().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

/** Signed-in browsers; only a hash of what the cookie holds. */
export const userSessions = pgTable(
  'user_sessions',
  {
    idHash: text('id_hash').primaryKey(),
    /** What a person revokes it by; says nothing of the cookie. */
    publicId: text('public_id').notNull(),
    user: text('user')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    method: text('method').$type<'password' | 'oidc'>().notNull(),
    createdAt: moment('created_at').notNull(),
    lastSeenAt: moment('last_seen_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    ip: text('ip').notNull(),
    userAgent: text('user_agent').notNull(),
  },
  (table) => [index('user_sessions_user').on(table.user), uniqueIndex('user_sessions_public').on(table.publicId)],
);

/** Personal access tokens for scripts: as their owner, or less. */
export const accessTokens = pgTable(
  'access_tokens',
  {
    id: text('id').primaryKey(),
    user: text('user')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    hash: text('hash').notNull(),
    /** Patterns of actions it may do; null: all that its owner may. */
    actions: jsonb('actions').$type<string[]>(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at'),
    lastUsedAt: moment('last_used_at'),
    revokedAt: moment('revoked_at'),
  },
  (table) => [uniqueIndex('access_tokens_hash').on(table.hash), index('access_tokens_user').on(table.user)],
);
