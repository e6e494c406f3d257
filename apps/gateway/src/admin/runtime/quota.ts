import type { TenantConfig } from '@parley/core/config';
import { calendarOf, forecastOf, type LimitState, type QuotaSubject } from '@parley/core/quota';
import { lastPlatformOf, usageBy } from '@parley/core/store';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { name, notFound, usd } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 30;
/** Keys with limits of their own that are looked at. */
const MAX_KEYS = 50;

const limit = z.object({
  level: z.enum(['tenant', 'user', 'model', 'api_key', 'platform', 'group']),
  name: z.string().optional(),
  window: z.enum(['minute', 'hour', 'day', 'month']),
  unit: z.enum(['requests', 'tokens', 'usd']),
  limit: z.number(),
  used: z.number().describe('With what is reserved'),
  remaining: z.number(),
  reset_at: z.string(),
});
const budgetShape = z.object({
  limit_usd: z.number(),
  spent_usd: z.number(),
  reserved_usd: z.number().describe('Held for questions under way, or not in the ledger yet'),
  forecast_usd: z.number().describe('What the month will come to'),
  forecast_by_month_usd: z.number().nullable().describe('If it goes on as since the month began'),
  forecast_by_week_usd: z.number().describe('If it goes on as in the last seven days'),
  on_exceeded: z.enum(['block', 'downgrade']),
  resets_at: z.string(),
});
const raiseShape = z.object({ until: z.string(), factor: z.number(), budget_usd: z.number().optional() });

export function quotaRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, config, now = Date.now } = deps;

  /** Every limit of the tenant, and those of one person: each is asked for as whoever it holds for. */
  async function limitsFor(tenant: TenantConfig, user: string | undefined): Promise<LimitState[]> {
    const platform = (user && (await lastPlatformOf(store, tenant.id, user))) || 'api';
    const base = { tenant, platform: platform as QuotaSubject['platform'], user: user ?? '' };
    const platforms = Object.keys(tenant.platform_limits ?? {}) as QuotaSubject['platform'][];
    const keys = config().api_keys.filter((key) => key.tenant === tenant.id && key.limits);
    const subjects: QuotaSubject[] = [
      base,
      ...platforms.map((one) => ({ ...base, platform: one })),
      ...keys.slice(0, MAX_KEYS).map(({ id, limits }) => ({ ...base, apiKey: { id, limits } })),
    ];
    const [own = [], ...others] = await Promise.all(subjects.map(deps.limitsOf));
    // The first says everything about tenant, models and person; the others only what is theirs.
    const more = others.flat().filter(({ level }) => level === 'platform' || level === 'api_key');
    const mine = own.filter(({ level }) => level !== 'platform' && (level !== 'user' || user !== undefined));
    return [...mine, ...more.filter((one, i) => more.findIndex((other) => isSame(one, other)) === i)];
  }

  function costOf({ id: tenant, timezone }: TenantConfig, from: number, to: number) {
    const period = { from: new Date(from), to: new Date(to) };
    return usageBy(store, { tenants: [tenant], ...period, groups: ['day'], timezone, maxRows: 400 });
  }

  async function budgetOf(tenant: TenantConfig, limits: readonly LimitState[], at: number) {
    const { budget, timezone } = tenant;
    const state = limits.find(({ level, unit }) => level === 'tenant' && unit === 'micro_usd');
    if (!budget || !state) return null;
    const { month } = calendarOf(at, timezone);
    const [thisMonth, lastWeek] = await Promise.all([
      costOf(tenant, month[0], at + 1),
      costOf(tenant, at - 7 * DAY_MS, at + 1),
    ]);
    const spentUsd = usd(thisMonth.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0));
    const lastWeekUsd = usd(lastWeek.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0));
    const forecast = forecastOf({ spentUsd, lastWeekUsd, month, now: at });
    return {
      limit_usd: usd(state.limit),
      spent_usd: spentUsd,
      reserved_usd: Math.max(0, usd(state.used) - spentUsd),
      forecast_usd: forecast.usd,
      forecast_by_month_usd: forecast.byMonthUsd,
      forecast_by_week_usd: forecast.byWeekUsd,
      on_exceeded: budget.on_exceeded,
      resets_at: new Date(month[1]).toISOString(),
    };
  }

  /** One entry for each of the last days, also for those without a request. */
  async function historyOf(tenant: TenantConfig, at: number) {
    const { timezone } = tenant;
    const days: string[] = [];
    let { day } = calendarOf(at, timezone);
    let from = day[0];
    for (let i = 0; i < HISTORY_DAYS; i++) {
      from = day[0];
      days.unshift(new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short' }).format(from));
      // Noon of the day before, whatever the clocks do in between.
      ({ day } = calendarOf(from - DAY_MS / 2, timezone));
    }
    const used = new Map((await costOf(tenant, from, at + 1)).map((row) => [row.day, row]));
    return days.map((date) => {
      const { costMicroUsd = 0, requests = 0 } = used.get(date) ?? {};
      return { day: date, cost_usd: usd(costMicroUsd), requests };
    });
  }

  return [
    route({
      method: 'GET',
      path: '/quota',
      action: 'quota:read',
      tag: 'Quota',
      summary: 'Where limits and budget of a tenant stand, and of one person if named',
      query: z.object({ tenant: name, user: name.optional().describe('A pseudonym') }),
      response: z.object({
        limits: z.array(limit),
        budget: budgetShape.nullable(),
        raise: raiseShape.nullable(),
        history: z.array(z.object({ day: z.string(), cost_usd: z.number(), requests: z.number() })),
      }),
      handle: async ({ query }) => {
        const tenant = config().tenants.find(({ id }) => id === query.tenant);
        if (!tenant) throw notFound('tenant');
        const at = now();
        const limits = await limitsFor(tenant, query.user);
        return {
          limits: limits.map(showLimit),
          budget: await budgetOf(tenant, limits, at),
          raise: raiseOf(tenant, at),
          history: await historyOf(tenant, at),
        };
      },
    }),
  ];
}

const isSame = (a: LimitState, b: LimitState) =>
  a.level === b.level && a.name === b.name && a.window === b.window && a.unit === b.unit;

/** A raise that is over is none. */
function raiseOf({ raise }: TenantConfig, at: number): z.output<typeof raiseShape> | null {
  if (!raise || Date.parse(raise.until) <= at) return null;
  const { until, factor = 1, budget_usd } = raise;
  return { until, factor, ...(budget_usd === undefined ? {} : { budget_usd }) };
}

function showLimit({ level, name: of, window, unit, limit: most, used, remaining, resetAt }: LimitState) {
  const amount = (value: number) => (unit === 'micro_usd' ? usd(value) : value);
  return {
    level,
    ...(of === undefined ? {} : { name: of }),
    window,
    unit: unit === 'micro_usd' ? ('usd' as const) : unit,
    limit: amount(most),
    used: amount(used),
    remaining: amount(remaining),
    reset_at: new Date(resetAt).toISOString(),
  };
}
