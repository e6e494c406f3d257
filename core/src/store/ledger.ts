import { and, eq, gte, sql } from 'drizzle-orm';
import type { LedgerRow, UsageSum } from '../quota/index.ts';
import { guarded } from './errors.ts';
import { insertRows, rowsOf } from './insert-rows.ts';
import type { Store } from './open.ts';
import { ledger } from './schema.ts';
import { storableWhole } from './storable.ts';

/** Stores ledger rows; one that is there already is left as it is, so a batch may be repeated. Returns how many were new. */
export function recordLedger(store: Store, rows: readonly LedgerRow[]): Promise<number> {
  return guarded('storing the ledger', async () => {
    if (rows.length === 0) return 0;
    const values = rows.map(({ group = null, apiKey = null, model = null, at, ...row }) => ({
      ...row,
      group,
      apiKey,
      model,
      inputTokens: storableWhole(row.inputTokens),
      cachedInputTokens: storableWhole(row.cachedInputTokens),
      outputTokens: storableWhole(row.outputTokens),
      costMicroUsd: storableWhole(row.costMicroUsd),
      at: new Date(at),
    }));
    const statement = sql`${insertRows(ledger, values)} on conflict do nothing returning request_id`;
    return rowsOf(await store.db.execute(statement)).length;
  });
}

/** What a tenant has used since then (Unix ms), for each user, model, key, platform and group, and in all. */
export function usageSince(store: Store, tenant: string, since: number): Promise<UsageSum[]> {
  return guarded('summing up the ledger', async () => {
    const sums = {
      // A request that no model and no cache answered does not count.
      requests: sql<number>`count(*) filter (where ${ledger.model} is not null)`.mapWith(Number),
      tokens: sql<number>`coalesce(sum(${ledger.inputTokens} + ${ledger.outputTokens}), 0)`.mapWith(Number),
      costMicroUsd: sql<number>`coalesce(sum(${ledger.costMicroUsd}), 0)`.mapWith(Number),
    };
    const { platform, user, model, apiKey, group } = ledger;
    const from = and(eq(ledger.tenant, tenant), gte(ledger.at, new Date(since)));
    const { db } = store;
    const users = await db
      .select({ platform, name: user, ...sums })
      .from(ledger)
      .where(from)
      .groupBy(platform, user);
    const models = await db
      .select({ name: model, ...sums })
      .from(ledger)
      .where(from)
      .groupBy(model);
    const keys = await db
      .select({ name: apiKey, ...sums })
      .from(ledger)
      .where(from)
      .groupBy(apiKey);
    const groups = await db
      .select({ platform, name: group, ...sums })
      .from(ledger)
      .where(from)
      .groupBy(platform, group);
    const platforms = await db
      .select({ name: platform, ...sums })
      .from(ledger)
      .where(from)
      .groupBy(platform);
    const all = await db.select(sums).from(ledger).where(from);
    const named = (level: UsageSum['level'], rows: (Omit<UsageSum, 'level' | 'name'> & { name: string | null })[]) =>
      rows.flatMap(({ name, ...row }) => (name === null ? [] : [{ level, name, ...row }]));
    return [
      ...all.map((row): UsageSum => ({ level: 'tenant', ...row })),
      ...named('user', users),
      ...named('model', models),
      ...named('api_key', keys),
      ...named('platform', platforms),
      ...named('group', groups),
    ];
  });
}
