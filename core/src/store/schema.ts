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
export type TurnKind = 'model' | 'cache' | 'rule' | 'ignored' | 'command' | 'reset' | 'guard' | 'quota' | 'failure';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** What every row that mirrors the configuration has in common. */
const mirrored = () => ({
  source: text('source').$type<'file' | 'environment'>().notNull(),
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
    /** What answered; only `model` and `cache` turns are part of what a conversation remembers, and a `reset` ends that. */
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
