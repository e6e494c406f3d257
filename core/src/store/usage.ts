import { and, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import type { Period } from './overview.ts';
import { ledger, turns } from './schema.ts';

export const USAGE_GROUPS = ['day', 'tenant', 'model', 'user', 'channel'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageSums {
  requests: number;
  tokensIn: number;
  tokensOut: number;
  cachedTokens: number;
  costMicroUsd: number;
}

export type UsageRow = UsageSums & Partial<Record<UsageGroup, string>>;

export interface UsageQuery extends Period {
  tenants: readonly string[];
  /** One or two of them. */
  groups: readonly UsageGroup[];
  /** Where days begin. */
  timezone: string;
  /** More rows than this are refused. */
  maxRows: number;
}

const SUMS = {
  // A request that no model and no cache answered does not count.
  requests: sql<number>`count(*) filter (where ${ledger.model} is not null)`.mapWith(Number),
  tokensIn: sql<number>`coalesce(sum(${ledger.inputTokens}), 0)`.mapWith(Number),
  tokensOut: sql<number>`coalesce(sum(${ledger.outputTokens}), 0)`.mapWith(Number),
  cachedTokens: sql<number>`coalesce(sum(${ledger.cachedInputTokens}), 0)`.mapWith(Number),
  costMicroUsd: sql<number>`coalesce(sum(${ledger.costMicroUsd}), 0)`.mapWith(Number),
};

/**
 * What these tenants have used, from the ledger. A row whose channel is not known, because the turn is not in the
 * database yet, has an empty one; so has a model where none answered.
 *
 * @throws ParleyError `invalid_request` when the answer would have too many rows
 */
export function usageBy({ db }: Store, query: UsageQuery): Promise<UsageRow[]> {
  const { tenants, groups, from, to, timezone, maxRows } = query;
  return guarded('summing up usage', async () => {
    if (tenants.length === 0) return [];
    const names: Record<UsageGroup, SQL<string>> = {
      day: sql`to_char(${ledger.at} at time zone ${timezone}::text, 'YYYY-MM-DD')`,
      tenant: sql`${ledger.tenant}`,
      model: sql`coalesce(${ledger.model}, '')`,
      user: sql`${ledger.user}`,
      channel: sql`coalesce(${turns.channel}, ${ledger.apiKey}, '')`,
    };
    const [first = 'day', second] = groups;
    // By position: the same expression with its parameters written twice is another one to Postgres.
    const positions = second === undefined ? [sql`1`] : [sql`1`, sql`2`];
    const columns = { first: names[first], second: second === undefined ? sql<string>`''` : names[second], ...SUMS };
    const select = db.select(columns).from(ledger).$dynamic();
    if (groups.includes('channel')) {
      select.leftJoin(turns, and(eq(turns.id, ledger.requestId), eq(turns.tenant, ledger.tenant)));
    }
    const rows = await select
      .where(and(inArray(ledger.tenant, [...tenants]), gte(ledger.at, from), lt(ledger.at, to)))
      .groupBy(...positions)
      .orderBy(...positions)
      .limit(maxRows + 1);
    if (rows.length > maxRows) {
      throw new ParleyError('invalid_request', `More than ${maxRows} rows: ask for a shorter period or other groups`);
    }
    return rows.map(({ first: one, second: other, ...sums }) => ({
      [first]: one,
      ...(second === undefined ? {} : { [second]: other }),
      ...sums,
    }));
  });
}
