import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

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
