import type { LRUCache } from 'lru-cache';
import { sumInGroups, sumOf } from '../bus/groups.ts';
import type { RedisClient } from '../bus/index.ts';
import { defineScript } from '../bus/scripts/run.ts';
import { type Facts, type Hold, holdKeys } from './hold.ts';
import { quotaKeys } from './keys.ts';
import { fieldOf } from './limits.ts';
import { run } from './run.ts';
import { SETTLE_SCRIPT } from './scripts/settle.ts';
import type { Anomaly, BudgetWarning, LedgerRow, Quota, Settlement, SettleResult } from './types.ts';

/** Longer than anybody tries a turn again. */
const SETTLED_TTL_MS = 48 * 3_600_000;
/** Holds of one tenant that are ended in one go. */
const REAP_LIMIT = 100;
/** Tenants that are looked after at a time. */
const REAP_TOGETHER = 100;

/** What the script says of a hold that Redis does not know, and that is not settled. */
const LOST = 2;
const NOTHING: SettleResult = { settled: false, warnings: [] };

export interface Settler extends Pick<Quota, 'settle' | 'reap'> {
  /** Ends holds that were found expired on the way; not waited for. */
  expireSoon(tenant: string, requestIds: readonly string[]): void;
}

export function createSettler(redis: RedisClient, held: LRUCache<string, Facts>): Settler {
  const script = defineScript(redis, 'parleySettle', SETTLE_SCRIPT);

  async function factsOf(tenant: string, requestId: string): Promise<Facts | undefined> {
    const known = held.get(requestId);
    if (known) return known;
    // Reserved by another process.
    const raw = await run((keys) => redis.hget(keys[0] as string, requestId), [quotaKeys.holds(tenant)], []);
    return typeof raw === 'string' ? (JSON.parse(raw) as Hold).facts : undefined;
  }

  async function settle(settlement: Settlement): Promise<SettleResult> {
    const { requestId, tenant, usage, costMicroUsd } = settlement;
    const facts = await factsOf(tenant, requestId);
    if (!facts) return NOTHING;
    const isReached = settlement.model !== undefined || settlement.cached === true;
    const tokens = usage && !settlement.cached ? usage.inputTokens + usage.outputTokens : 0;
    const numbers = [isReached ? 1 : 0, tokens, settlement.cached ? 0 : Math.ceil(costMicroUsd)];
    return settleAs('settle', requestId, facts, numbers, rowOf(settlement, facts));
  }

  async function settleAs(
    mode: 'settle' | 'expire',
    requestId: string,
    facts: Facts,
    numbers: number[],
    row: LedgerRow,
  ): Promise<SettleResult> {
    const { anomaly } = facts;
    const { at: _, ...told } = row; // Redis' clock says
    const args = [requestId, mode, ...numbers, JSON.stringify(told), SETTLED_TTL_MS, anomaly.factor, anomaly.minTokens];
    type Answer = [number, string, number, number, ...string[]];
    let answer = (await run(script, holdKeys(requestId, facts), [...args, ''])) as Answer;
    if (answer[0] === LOST) {
      answer = (await run(script, holdKeys(requestId, facts), [...args, JSON.stringify(asLost(facts))])) as Answer;
    }
    const [settled, who, now, usual, ...warned] = answer;
    held.delete(requestId);
    if (settled !== 1) return NOTHING;
    return { settled: true, anomaly: anomalyOf(facts, who, now, usual), warnings: warningsOf(facts, warned) };
  }

  async function expire(tenant: string, requestId: string): Promise<boolean> {
    const facts = await factsOf(tenant, requestId);
    if (!facts) return false;
    const row = rowOf({ requestId, tenant, status: 'aborted', costMicroUsd: 0, model: facts.who.model }, facts);
    const { settled } = await settleAs('expire', requestId, facts, [1, 0, 0], {
      ...row,
      status: 'expired',
      estimated: true,
      unreconciled: true,
    });
    return settled;
  }

  async function reapTenant(tenant: string): Promise<number> {
    const due = (await run(
      ([key]) => redis.zrangebyscore(key as string, '-inf', Date.now(), 'LIMIT', 0, REAP_LIMIT),
      [quotaKeys.expiries(tenant)],
      [],
    )) as string[];
    let ended = 0;
    for (const requestId of due) if (await expire(tenant, requestId)) ended++;
    return ended;
  }

  /** All that are due at a time go out in one packet: nearly always there is nothing to do. */
  function reap(tenants: readonly string[]): Promise<number> {
    return sumInGroups(tenants, REAP_TOGETHER, async (group) => sumOf(await Promise.all(group.map(reapTenant))));
  }

  return {
    settle,
    expireSoon(tenant, requestIds) {
      for (const requestId of requestIds) void expire(tenant, requestId).catch(() => undefined);
    },
    reap,
  };
}

/** For a Redis that has lost the hold: what was used is counted anew. */
function asLost(facts: Facts): Hold {
  const { who } = facts;
  const always = [fieldOf.tenant(), fieldOf.user(who.platform, who.user)];
  return {
    facts: { ...facts, counted: [[], [], [], []], always },
    reserved: { at: 0, input: 0, output: 0, cost: 0, inputPrice: 0 },
  };
}

function rowOf(
  { requestId, status, model, usage, costMicroUsd, cached = false }: Settlement,
  { who }: Facts,
): LedgerRow {
  return {
    ...who,
    requestId,
    model: model ?? (cached ? who.model : undefined),
    status,
    inputTokens: cached ? 0 : (usage?.inputTokens ?? 0),
    cachedInputTokens: cached ? 0 : (usage?.cachedInputTokens ?? 0),
    outputTokens: cached ? 0 : (usage?.outputTokens ?? 0),
    costMicroUsd: cached ? 0 : Math.ceil(costMicroUsd),
    estimated: usage?.estimated ?? false,
    cached,
    unreconciled: false,
    at: 0, // Redis' clock says
  };
}

function anomalyOf({ who }: Facts, name: string, tokensThisHour: number, usualTokens: number): Anomaly | undefined {
  if (name === '') return undefined;
  const [kind, ...rest] = name.split(':');
  return { tenant: who.tenant, kind: kind as Anomaly['kind'], name: rest.join(':'), tokensThisHour, usualTokens };
}

function warningsOf({ who, budgets, monthName }: Facts, told: string[]): BudgetWarning[] {
  const warnings: BudgetWarning[] = [];
  for (let i = 0; i < told.length; i += 4) {
    const [field, share, spent, limit] = told.slice(i, i + 4);
    const user = budgets.find((budget) => budget.field === field)?.user;
    warnings.push({
      tenant: who.tenant,
      user,
      share: Number(share),
      usedMicroUsd: Number(spent),
      limitMicroUsd: Number(limit),
      period: monthName,
    });
  }
  return warnings;
}
