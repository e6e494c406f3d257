import { and, gte, inArray, lt, sql } from 'drizzle-orm';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import { turns } from './schema.ts';

/** What the turns of a period come to. Times are those of turns in which something was said to a person. */
export interface TurnSums {
  messages: number;
  success: number;
  denied: number;
  failed: number;
  costMicroUsd: number;
  tokensIn: number;
  tokensOut: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}

export interface Period {
  from: Date;
  /** Exclusive. */
  to: Date;
}

export interface PeriodSums {
  all: TurnSums;
  byPlatform: (TurnSums & { platform: string })[];
  byTenant: (TurnSums & { tenant: string })[];
}

export interface SeriesPoint extends TurnSums {
  /** Beginning of the interval; Unix ms. */
  at: number;
}

const NOTHING: TurnSums = {
  messages: 0,
  success: 0,
  denied: 0,
  failed: 0,
  costMicroUsd: 0,
  tokensIn: 0,
  tokensOut: 0,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
};

/** Nothing is sent in these: their time says nothing about how long people wait. */
const TIMED = sql`${turns.kind} not in ('human', 'ignored')`;
const countOf = (status: string) => sql<number>`count(*) filter (where ${turns.status} = ${status})`.mapWith(Number);
/** Three percentiles of one sort, in whole milliseconds; null when nothing was timed. */
const PERCENTILES = sql<number[] | null>`percentile_cont(array[0.5, 0.95, 0.99]::float8[])
  within group (order by ${turns.responseMs}) filter (where ${TIMED})`;

const SUMS = {
  messages: sql<number>`count(*)`.mapWith(Number),
  success: countOf('success'),
  denied: countOf('denied'),
  failed: countOf('failed'),
  costMicroUsd: sql<number>`coalesce(sum(${turns.costMicroUsd}), 0)`.mapWith(Number),
  tokensIn: sql<number>`coalesce(sum(${turns.tokensIn}), 0)`.mapWith(Number),
  tokensOut: sql<number>`coalesce(sum(${turns.tokensOut}), 0)`.mapWith(Number),
  times: PERCENTILES,
};

const within = (tenants: readonly string[], { from, to }: Period) =>
  and(inArray(turns.tenant, [...tenants]), gte(turns.createdAt, from), lt(turns.createdAt, to));

function named<Row extends { times: number[] | null }>({ times, ...row }: Row) {
  const [p50Ms = null, p95Ms = null, p99Ms = null] = (times ?? []).map((ms) => Math.round(Number(ms)));
  return { ...row, p50Ms, p95Ms, p99Ms };
}

/** Sums over a period: of all these tenants together, by platform and by tenant, in one pass. */
export function sumTurns({ db }: Store, tenants: readonly string[], period: Period): Promise<PeriodSums> {
  return guarded('summing up turns', async () => {
    if (tenants.length === 0) return { all: NOTHING, byPlatform: [], byTenant: [] };
    const found = await db
      .select({ platform: sql<string | null>`${turns.platform}`, tenant: sql<string | null>`${turns.tenant}`, ...SUMS })
      .from(turns)
      .where(within(tenants, period))
      .groupBy(sql`grouping sets ((), (${turns.platform}), (${turns.tenant}))`);
    const rows = found.map(named);
    const byPlatform = rows.flatMap(({ platform, tenant: _, ...sums }) =>
      platform === null ? [] : { platform, ...sums },
    );
    const byTenant = rows.flatMap(({ tenant, platform: _, ...sums }) => (tenant === null ? [] : { tenant, ...sums }));
    const total = rows.find(({ platform, tenant }) => platform === null && tenant === null);
    const { platform: _, tenant: __, ...all } = total ?? { platform: null, tenant: null, ...NOTHING };
    const mostFirst = (a: TurnSums, b: TurnSums) => b.messages - a.messages;
    return { all, byPlatform: byPlatform.sort(mostFirst), byTenant: byTenant.sort(mostFirst) };
  });
}

/** The same over time, one point for every `stepSeconds` whether or not something happened. */
export function turnSeries(
  { db }: Store,
  tenants: readonly string[],
  period: Period,
  stepSeconds: number,
): Promise<SeriesPoint[]> {
  return guarded('summing up turns over time', async () => {
    const step = sql.raw(String(Math.max(1, Math.round(stepSeconds))));
    const rows =
      tenants.length === 0
        ? []
        : await db
            .select({
              step: sql<number>`floor(extract(epoch from ${turns.createdAt}) / ${step})`.mapWith(Number),
              ...SUMS,
            })
            .from(turns)
            .where(within(tenants, period))
            .groupBy(sql`1`);
    const found = new Map(rows.map(named).map(({ step: number, ...sums }) => [number, sums]));
    const stepMs = stepSeconds * 1000;
    const first = Math.floor(period.from.getTime() / stepMs);
    const last = Math.floor((period.to.getTime() - 1) / stepMs);
    return Array.from({ length: last - first + 1 }, (_, i) => ({
      at: (first + i) * stepMs,
      ...(found.get(first + i) ?? NOTHING),
    }));
  });
}
