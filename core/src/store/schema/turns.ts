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
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

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
