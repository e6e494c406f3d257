import { type PeriodSums, type SeriesPoint, sumTurns, type TurnSums, turnSeries } from '@parley/core/store';
import { z } from 'zod';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import { bilingual } from '../http/shapes.ts';
import { createAttention } from './attention/index.ts';
import { createMemory } from './remember.ts';
import { name, tenantsOf, usd } from './shared.ts';
import type { RuntimeParts } from './types.ts';

const ms = z.number().nullable();
const totals = z.object({
  messages: z.number(),
  success: z.number(),
  denied: z.number(),
  failed: z.number(),
  cost_usd: z.number(),
  tokens_in: z.number(),
  tokens_out: z.number(),
  p50_ms: ms,
  p95_ms: ms,
  p99_ms: ms,
  success_ratio: z.number().nullable().describe('Of those that were not denied; null without any'),
});
const overview = z.object({
  totals,
  previous: totals.describe('The same length of time before'),
  series: z.array(
    z.object({
      at: z.string(),
      messages: z.number(),
      failed: z.number(),
      denied: z.number(),
      cost_usd: z.number(),
      p50_ms: ms,
      p95_ms: ms,
    }),
  ),
  by_platform: z.array(
    z.object({
      platform: z.string(),
      messages: z.number(),
      success_ratio: z.number().nullable(),
      p95_ms: ms,
      cost_usd: z.number(),
    }),
  ),
  by_tenant: z.array(z.object({ tenant: z.string(), messages: z.number(), cost_usd: z.number() })),
  queue: z.object({ waiting: z.number(), oldest_ms: z.number().nullable() }),
  attention: z.array(
    z.object({
      kind: z.string(),
      severity: z.enum(['warning', 'error']),
      tenant: z.string().nullable(),
      subject: z.string(),
      message: bilingual,
      link: z.string().nullable(),
    }),
  ),
});

const HOUR_MS = 3_600_000;
const HOURS_MAX = 31 * 24;
/** Consoles ask again with every turn that ends; sums over weeks cost more, and change less. */
const FRESH_MS = 3_000;
const FRESH_LONG_MS = 60_000;

export function overviewRoutes(deps: RuntimeParts): AdminRoute[] {
  const { store, view, now = Date.now } = deps;
  const attentionOf = createAttention(deps);
  const remember = createMemory<[PeriodSums, PeriodSums, SeriesPoint[]]>(now);

  async function waitingOf(tenants: readonly string[], everything: boolean) {
    const found = await view.byTenant();
    const mine = tenants.flatMap((tenant) => found.get(tenant) ?? []);
    // Of all conversations only some are looked at; who may see everything gets the exact number.
    const waiting = everything ? await view.depth() : mine.reduce((sum, one) => sum + one.waiting, 0);
    const oldestAt = Math.min(...mine.map((one) => one.oldestAt));
    return { waiting, oldest_ms: Number.isFinite(oldestAt) ? Math.max(0, now() - oldestAt) : null };
  }

  async function look(tenants: string[], hours: number, { may }: Pick<RouteContext, 'may'>) {
    const to = new Date(now());
    const from = new Date(to.getTime() - hours * HOUR_MS);
    const before = { from: new Date(from.getTime() - hours * HOUR_MS), to: from };
    const everything = deps.config().tenants.every(({ id }) => tenants.includes(id));
    const sumUp = () =>
      Promise.all([
        sumTurns(store, tenants, { from, to }),
        sumTurns(store, tenants, before),
        turnSeries(store, tenants, { from, to }, stepOf(hours)),
      ]);
    const [[sums, previous, series], waiting] = await Promise.all([
      remember([tenants, hours], hours > 48 ? FRESH_LONG_MS : FRESH_MS, sumUp),
      waitingOf(tenants, everything),
    ]);
    return {
      totals: showTotals(sums.all),
      previous: showTotals(previous.all),
      series: series.map(({ at, messages, failed, denied, costMicroUsd, p50Ms, p95Ms }) => ({
        at: new Date(at).toISOString(),
        messages,
        failed,
        denied,
        cost_usd: usd(costMicroUsd),
        p50_ms: p50Ms,
        p95_ms: p95Ms,
      })),
      by_platform: sums.byPlatform.map((one) => ({
        platform: one.platform,
        messages: one.messages,
        success_ratio: ratioOf(one),
        p95_ms: one.p95Ms,
        cost_usd: usd(one.costMicroUsd),
      })),
      by_tenant: sums.byTenant.map(({ tenant, messages, costMicroUsd }) => ({
        tenant,
        messages,
        cost_usd: usd(costMicroUsd),
      })),
      queue: waiting,
      attention: await attentionOf(tenants, sums.byTenant, may),
    };
  }

  return [
    route({
      method: 'GET',
      path: '/overview',
      action: 'overview:read',
      scope: 'any',
      tag: 'Overview',
      summary: 'How the hub did, and what needs attention',
      query: z.object({ tenant: name.optional(), hours: z.coerce.number().int().min(1).max(HOURS_MAX).default(24) }),
      response: overview,
      handle: (input) => look(tenantsOf(deps, input, input.query.tenant), input.query.hours, input),
    }),
  ];
}

/** Of what was not denied: a limit that holds is no failure. */
function ratioOf({ success, failed }: TurnSums): number | null {
  return success + failed === 0 ? null : success / (success + failed);
}

function showTotals(sums: TurnSums) {
  const { messages, success, denied, failed, costMicroUsd, tokensIn, tokensOut, p50Ms, p95Ms, p99Ms } = sums;
  return {
    messages,
    success,
    denied,
    failed,
    cost_usd: usd(costMicroUsd),
    tokens_in: tokensIn,
    tokens_out: tokensOut,
    p50_ms: p50Ms,
    p95_ms: p95Ms,
    p99_ms: p99Ms,
    success_ratio: ratioOf(sums),
  };
}

/** As many points as a chart can show. */
function stepOf(hours: number): number {
  if (hours <= 3) return 300;
  if (hours <= 12) return 900;
  if (hours <= 48) return 3_600;
  return hours <= 14 * 24 ? 6 * 3_600 : 24 * 3_600;
}
