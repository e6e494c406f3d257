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
    /** What answered; only `model` turns are part of what a conversation remembers, and a `reset` ends that. */
    kind: text('kind').$type<'model' | 'rule' | 'command' | 'reset' | 'failure'>().notNull(),
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
