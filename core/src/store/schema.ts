import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

/**
 * The hub's tables. Every row carries its tenant. After a change here run `pnpm drizzle-kit generate`, which writes the
 * migration that `parley migrate` applies.
 */

/** What answered a turn. */
export type TurnKind =
  | 'model'
  | 'cache'
  | 'rule'
  | 'ignored'
  | 'command'
  | 'reset'
  | 'guard'
  | 'quota'
  | 'failure'
  | 'human';

/** Where an entry of the configuration comes from. */
export type EntrySource = 'file' | 'environment' | 'console';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** What every row that mirrors the configuration has in common. */
const mirrored = () => ({
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

export const conversations = pgTable(
  'conversations',
  {
    tenant: text('tenant').notNull(),
    id: text('id').notNull(),
    channel: text('channel').notNull(),
    platform: text('platform').notNull(),
    chatKind: text('chat_kind').$type<'direct' | 'group'>().notNull(),
    createdAt: moment('created_at').notNull(),
    lastAt: moment('last_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('conversations_tenant_last').on(table.tenant, table.lastAt),
  ],
);

export const turns = pgTable(
  'turns',
  {
    /** The request id. */
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    channel: text('channel').notNull(),
    platform: text('platform').notNull(),
    conversation: text('conversation').notNull(),
    /** Pseudonym of the person. */
    user: text('user').notNull(),
    /** What answered; only `model`, `cache` and `human` turns are part of what a conversation remembers, and a `reset` ends that. */
    kind: text('kind').$type<TurnKind>().notNull(),
    model: text('model'),
    status: text('status').$type<'success' | 'denied' | 'failed'>().notNull(),
    errorCode: text('error_code'),
    tokensIn: integer('tokens_in').notNull(),
    tokensOut: integer('tokens_out').notNull(),
    costMicroUsd: bigint('cost_micro_usd', { mode: 'number' }).notNull(),
    responseMs: integer('response_ms').notNull(),
    attempts: smallint('attempts').notNull(),
    createdAt: moment('created_at').notNull(),
    finishedAt: moment('finished_at').notNull(),
    timeline: jsonb('timeline').$type<unknown[]>().notNull(),
  },
  (table) => [
    index('turns_tenant_time').on(table.tenant, table.createdAt),
    index('turns_conversation_time').on(table.tenant, table.conversation, table.createdAt),
    index('turns_user_time').on(table.tenant, table.user, table.createdAt),
    index('turns_not_successful').on(table.tenant, table.createdAt).where(sql`${table.status} <> 'success'`),
    foreignKey({
      name: 'turns_conversation',
      columns: [table.tenant, table.conversation],
      foreignColumns: [conversations.tenant, conversations.id],
    }).onDelete('cascade'),
  ],
);

export const messages = pgTable(
  'messages',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    tenant: text('tenant').notNull(),
    conversation: text('conversation').notNull(),
    turn: text('turn')
      .notNull()
      .references(() => turns.id, { onDelete: 'cascade' }),
    role: text('role').$type<'user' | 'assistant'>().notNull(),
    content: text('content').notNull(),
    /** When the turn began, for question and answer alike: pairs stay together however long an answer took. */
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('messages_turn_role').on(table.turn, table.role),
    index('messages_conversation_time').on(table.tenant, table.conversation, table.createdAt),
  ],
);

/** What every question cost, one row for each reservation that was settled. */
export const ledger = pgTable(
  'ledger',
  {
    tenant: text('tenant').notNull(),
    requestId: text('request_id').notNull(),
    platform: text('platform').notNull(),
    /** Pseudonym. */
    user: text('user').notNull(),
    group: text('group'),
    apiKey: text('api_key'),
    model: text('model'),
    status: text('status').$type<'success' | 'failed' | 'aborted' | 'expired'>().notNull(),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull(),
    cachedInputTokens: bigint('cached_input_tokens', { mode: 'number' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull(),
    costMicroUsd: bigint('cost_micro_usd', { mode: 'number' }).notNull(),
    estimated: boolean('estimated').notNull(),
    cached: boolean('cached').notNull(),
    unreconciled: boolean('unreconciled').notNull(),
    at: moment('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.requestId] }),
    index('ledger_tenant_time').on(table.tenant, table.at),
  ],
);

/**
 * Who did what, and what was denied: one chain of hashes per tenant. `hash` covers everything but `detail` and `salt`
 * themselves, of which it covers `detailHash`: so a person's words can be erased and the chain still holds.
 */
export const audit = pgTable(
  'audit',
  {
    tenant: text('tenant').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    target: text('target').notNull(),
    detail: text('detail'),
    salt: text('salt'),
    detailHash: text('detail_hash').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.seq] }),
    index('audit_tenant_time').on(table.tenant, table.at),
    index('audit_actor').on(table.tenant, table.actor),
  ],
);

/** Where a tenant's chain stands: its end, and what the oldest record that is still kept hangs on. */
export const auditChains = pgTable('audit_chains', {
  tenant: text('tenant').primaryKey(),
  lastSeq: bigint('last_seq', { mode: 'number' }).notNull(),
  lastHash: text('last_hash').notNull(),
  anchorSeq: bigint('anchor_seq', { mode: 'number' }).notNull(),
  anchorHash: text('anchor_hash').notNull(),
});

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
