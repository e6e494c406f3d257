import { LRUCache } from 'lru-cache';
import type { RedisClient } from '../bus/index.ts';
import { defineScript } from '../bus/scripts/run.ts';
import { ParleyError } from '../errors/index.ts';
import { createBirth, type Rebuild } from './birth.ts';
import { monthName, periodsOf } from './calendar.ts';
import { planArguments, planCounters } from './counters.ts';
import type { Facts } from './hold.ts';
import { type Periods, quotaKeys } from './keys.ts';
import { createLedgerDrain } from './ledger.ts';
import { type Limit, limitsOf } from './limits.ts';
import { createPlans, type Plan } from './plans.ts';
import { run } from './run.ts';
import { RESERVE_SCRIPT } from './scripts/reserve.ts';
import { SNAPSHOT_SCRIPT } from './scripts/snapshot.ts';
import { createSettler } from './settle.ts';
import {
  type BudgetWarning,
  type LimitState,
  MIN_OUTPUT_TOKENS,
  type Quota,
  type ReserveRequest,
  type ReserveResult,
} from './types.ts';

export interface QuotaOptions {
  /** A client that waits for Redis, or one that fails at once: whichever its user wants. */
  redis: RedisClient;
  /** What a tenant has used since its day and month began, from the database; for a Redis that is new or was emptied. */
  rebuild: Rebuild;
}

/** A clock that is a little off from Redis' is set right by the first answer; more answers than this are a fault. */
const MAX_TRIES = 5;
/** Reservations remembered for their settlement; what is forgotten is read from Redis once more. */
const MAX_REMEMBERED = 20_000;

/** See the `Quota` interface; docs/architecture.md tells how it works. */
export function createQuota({ redis, rebuild }: QuotaOptions): Quota {
  const reserveScript = defineScript(redis, 'parleyReserve', RESERVE_SCRIPT);
  const snapshotScript = defineScript(redis, 'parleyQuota', SNAPSHOT_SCRIPT);
  const bear = createBirth(redis, rebuild);
  const held = new LRUCache<string, Facts>({ max: MAX_REMEMBERED });
  const plans = createPlans();
  const settler = createSettler(redis, held);
  /** How far Redis' clock is ahead of ours. */
  let aheadMs = 0;

  async function reserve(request: ReserveRequest): Promise<ReserveResult> {
    const { tenant } = request.subject;
    const plan = plans.planOf(request.subject, request.model);
    const { limits } = plan;
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const at = Date.now() + aheadMs;
      const periods = periodsOf(at, tenant.timezone);
      const { facts, json } = plan.factsIn(periods);
      const answer = (await run(reserveScript, ...reserveCall(request, periods, json, plan))) as [string, ...unknown[]];
      const [status, ...rest] = answer;
      if (status === 'clock') aheadMs = Number(rest[0]) - Date.now();
      else if (status === 'unborn') await bear(tenant.id, tenant.timezone, at);
      else return resultOf(status, rest, request, limits, facts);
    }
    throw new ParleyError('unavailable', "Redis' clock cannot be followed", { retryAfterMs: 1000 });
  }

  function resultOf(
    status: string,
    rest: unknown[],
    request: ReserveRequest,
    limits: Limit[],
    facts: Facts,
  ): ReserveResult {
    const { requestId, subject } = request;
    if (status === 'repeated') {
      return { status: 'admitted', repeated: true, maxOutputTokens: Number(rest[0]), tightest: undefined };
    }
    if (status === 'refused') {
      const [now, index, used, resetAt, first, ...expired] = rest as [
        number,
        number,
        number,
        number,
        number,
        ...string[],
      ];
      settler.expireSoon(subject.tenant.id, expired);
      const limit = limits[index - 1] as Limit;
      return refusal(limit, { used, resetAt, now }, first === 1 ? [usedUp(limit, request, used, now)] : []);
    }
    const [, output, ...more] = rest as [number, number, ...unknown[]];
    held.set(requestId, facts);
    const states = limits.map((limit, i) => stateOf(limit, Number(more[2 * i]), Number(more[2 * i + 1])));
    settler.expireSoon(subject.tenant.id, more.slice(2 * limits.length) as string[]);
    return { status: 'admitted', repeated: false, maxOutputTokens: output, tightest: tightestOf(states) };
  }

  async function snapshot(subject: ReserveRequest['subject'], models: readonly string[]): Promise<LimitState[]> {
    const { tenant } = subject;
    const ofModels = models.flatMap((model) => limitsOf(subject, model).filter(({ level }) => level === 'model'));
    const asked = [...limitsOf(subject, '').filter(({ level }) => level !== 'model'), ...ofModels];
    const periods = periodsOf(Date.now() + aheadMs, tenant.timezone);
    const plan = planCounters(asked);
    const args = [periods.day[1], periods.month[1], ...planArguments(plan)];
    const [, ...numbers] = (await run(snapshotScript, windowKeys(tenant.id, periods), args)) as number[];
    const states = new Map(
      plan.limits.map((limit, i) => [limit, stateOf(limit, numbers[2 * i] ?? 0, numbers[2 * i + 1] ?? 0)]),
    );
    return asked.flatMap((limit) => states.get(limit) ?? []);
  }

  return {
    reserve,
    settle: settler.settle,
    snapshot,
    reap: settler.reap,
    drainLedger: createLedgerDrain(redis),
  };
}

function windowKeys(tenant: string, { minute, hour, day, month }: Periods): string[] {
  return [
    quotaKeys.minute(tenant, minute),
    quotaKeys.minute(tenant, minute - 1),
    quotaKeys.hour(tenant, hour),
    quotaKeys.hour(tenant, hour - 1),
    quotaKeys.day(tenant, day[0]),
    quotaKeys.month(tenant, month[0]),
  ];
}

function reserveCall(
  request: ReserveRequest,
  periods: Periods,
  facts: string,
  plan: Plan,
): [string[], (string | number)[]] {
  const { requestId, subject } = request;
  const tenant = subject.tenant.id;
  const keys = [
    quotaKeys.born(tenant),
    quotaKeys.settled(tenant, requestId),
    quotaKeys.holds(tenant),
    quotaKeys.expiries(tenant),
    quotaKeys.warned(tenant, periods.month[0]),
    ...windowKeys(tenant, periods),
  ];
  const { minute, hour, day, month } = periods;
  const args = [
    requestId,
    minute,
    hour,
    ...day,
    ...month,
    Math.ceil(request.holdMs),
    Math.ceil(request.inputTokens),
    Math.floor(request.maxOutputTokens),
    MIN_OUTPUT_TOKENS,
    request.inputPrice,
    request.outputPrice,
    facts,
    subject.tenant.timezone,
    ...plan.args,
  ];
  return [keys, args];
}

function stateOf({ field: _, ...limit }: Limit, used: number, resetAt: number): LimitState {
  return { ...limit, used, remaining: Math.max(0, limit.limit - used), resetAt };
}

/** The request limit with the least left. */
function tightestOf(states: LimitState[]): LimitState | undefined {
  return states
    .filter(({ unit }) => unit === 'requests')
    .reduce<LimitState | undefined>(
      (least, one) => (least && least.remaining <= one.remaining ? least : one),
      undefined,
    );
}

function refusal(
  limit: Limit,
  { used, resetAt, now }: { used: number; resetAt: number; now: number },
  warnings: BudgetWarning[],
): ReserveResult {
  const isLong = limit.window === 'day' || limit.window === 'month';
  return {
    status: 'refused',
    reason: limit.unit === 'micro_usd' ? 'budget' : isLong ? 'quota' : 'rate',
    limit: stateOf(limit, used, resetAt),
    retryAfterMs: Math.max(1000, resetAt - now),
    warnings,
  };
}

function usedUp(limit: Limit, { subject }: ReserveRequest, used: number, now: number): BudgetWarning {
  return {
    tenant: subject.tenant.id,
    user: limit.level === 'user' ? subject.user : undefined,
    share: 1,
    usedMicroUsd: used,
    limitMicroUsd: limit.limit,
    period: monthName(now, subject.tenant.timezone),
  };
}
