import { LRUCache } from 'lru-cache';
import type { TenantConfig } from '../config/index.ts';
import { type CounterPlan, planArguments, planCounters } from './counters.ts';
import { type Facts, factsOf } from './hold.ts';
import type { Periods } from './keys.ts';
import { limitsOf } from './limits.ts';
import type { QuotaSubject } from './types.ts';

/** What a subject is under when it asks a model. */
export interface Plan extends CounterPlan {
  /** The plan as the scripts take it. */
  args: (string | number)[];
  /** What is known of a reservation in these periods, and as JSON. */
  factsIn(periods: Periods): { facts: Facts; json: string };
}

/** Whoever asks asks again: what limits them is worked out once for a version of the configuration. */
export interface Plans {
  planOf(subject: QuotaSubject, model: string): Plan;
}

const MAX_PLANS = 2_000;

interface Known {
  tenant: TenantConfig;
  keyLimits: unknown;
  plan: Plan;
}

export function createPlans(): Plans {
  const plans = new LRUCache<string, Known>({ max: MAX_PLANS });
  return {
    planOf(subject, model) {
      const { tenant, platform, user, group, apiKey } = subject;
      // A raise ends at a moment of its own.
      if (tenant.raise) return makePlan(subject, model);
      const where = group === undefined ? '' : `in ${group}`;
      const name = [tenant.id, platform, user, where, apiKey?.id, model].join('\0');
      const known = plans.get(name);
      if (known && known.tenant === tenant && known.keyLimits === apiKey?.limits) return known.plan;
      const plan = makePlan(subject, model);
      plans.set(name, { tenant, keyLimits: apiKey?.limits, plan });
      return plan;
    },
  };
}

function makePlan(subject: QuotaSubject, model: string): Plan {
  const plan = planCounters(limitsOf(subject, model));
  let latest: { facts: Facts; json: string } | undefined;
  return {
    ...plan,
    args: planArguments(plan),
    factsIn(periods) {
      if (latest && areSame(latest.facts.periods, periods)) return latest;
      const facts = factsOf({ subject, model }, periods, plan.limits, plan.counters);
      latest = { facts, json: JSON.stringify(facts) };
      return latest;
    },
  };
}

function areSame(a: Periods, b: Periods): boolean {
  return a.minute === b.minute && a.day[0] === b.day[0] && a.month[0] === b.month[0];
}
