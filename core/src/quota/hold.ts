import { monthName } from './calendar.ts';
import type { Counters } from './counters.ts';
import { type Periods, quotaKeys } from './keys.ts';
import { alwaysCounted, type Limit } from './limits.ts';
import type { LedgerRow, ReserveRequest } from './types.ts';

/** What is known of a reservation when it is made; the script adds what was reserved and where it was counted. */
export interface Facts {
  periods: Periods;
  /** The ledger row's facts. */
  who: Pick<LedgerRow, 'tenant' | 'platform' | 'user' | 'group' | 'apiKey' | 'model'>;
  /** Budgets whose shares are to be told. */
  budgets: { field: string; user?: string | undefined; limit: number; shares: number[] }[];
  /** Whose use of an hour is compared with what is usual. */
  watched: string[];
  anomaly: { factor: number; minTokens: number };
  monthName: string;
  /** Counters of limits, where it was counted when it was reserved. */
  counted: Counters;
  /** Fields that are counted by day and month when it is settled, limit or not: see `alwaysCounted`. */
  always: string[];
}

/** A reservation as Redis keeps it: apart, so that the script need not take the facts apart to add to them. */
export interface Hold {
  facts: Facts;
  reserved: {
    /** Unix ms. */
    at: number;
    input: number;
    output: number;
    cost: number;
    inputPrice: number;
  };
}

export function factsOf(
  request: Pick<ReserveRequest, 'subject' | 'model'>,
  periods: Periods,
  limits: readonly Limit[],
  counted: Counters,
): Facts {
  const { subject, model } = request;
  const { tenant, platform, user, group, apiKey } = subject;
  const budgets = limits.filter(({ unit }) => unit === 'micro_usd');
  return {
    periods,
    who: { tenant: tenant.id, platform, user, group, apiKey: apiKey?.id, model },
    budgets: budgets.map(({ field, limit, level }) => ({
      field,
      limit,
      shares: [...(tenant.budget?.warn_at ?? []), 1],
      ...(level === 'user' ? { user } : {}),
    })),
    watched: tenant.anomaly ? [`user:${user}`, ...(apiKey ? [`api_key:${apiKey.id}`] : [])] : [],
    anomaly: { factor: tenant.anomaly?.factor ?? 0, minTokens: tenant.anomaly?.min_tokens ?? 0 },
    monthName: monthName(periods.month[0], tenant.timezone),
    counted,
    always: alwaysCounted(request.subject, model),
  };
}

/** The keys a hold's settlement touches: the windows it was counted in, however long ago that was. */
export function holdKeys(requestId: string, { who: { tenant }, periods }: Facts): string[] {
  return [
    quotaKeys.settled(tenant, requestId),
    quotaKeys.holds(tenant),
    quotaKeys.expiries(tenant),
    quotaKeys.ledger(tenant),
    quotaKeys.warned(tenant, periods.month[0]),
    quotaKeys.usual(tenant),
    quotaKeys.minute(tenant, periods.minute),
    quotaKeys.hour(tenant, periods.hour),
    quotaKeys.day(tenant, periods.day[0]),
    quotaKeys.month(tenant, periods.month[0]),
  ];
}
