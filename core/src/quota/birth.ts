import type { RedisClient } from '../bus/index.ts';
import { defineScript } from '../bus/scripts/run.ts';
import { ParleyError } from '../errors/index.ts';
import { periodsOf } from './calendar.ts';
import { quotaKeys } from './keys.ts';
import { fieldOf } from './limits.ts';
import { BIRTH_SCRIPT } from './scripts/birth.ts';
import type { LimitLevel } from './types.ts';

/** What one counter had come to, from the ledger. */
export interface UsageSum {
  level: LimitLevel;
  /** Of levels that have several: the user, model, key or group; for `user` and `group` with their platform. */
  name?: string | undefined;
  platform?: string | undefined;
  requests: number;
  tokens: number;
  costMicroUsd: number;
}

/** Sums over the ledger rows since `since` (Unix ms), by level. */
export type Rebuild = (tenant: string, since: number) => Promise<UsageSum[]>;

/**
 * Makes a tenant's counters complete, from the ledger. Neither Redis emptied nor a new time zone is free money: until this
 * has worked nothing is reserved. One at a time for each tenant; it rejects with `unavailable` when the database cannot be asked.
 */
export function createBirth(redis: RedisClient, rebuild: Rebuild) {
  const script = defineScript(redis, 'parleyBirth', BIRTH_SCRIPT);
  const running = new Map<string, Promise<void>>();

  async function bear(tenant: string, timezone: string, at: number): Promise<void> {
    const { day, month } = periodsOf(at, timezone);
    try {
      const [today, thisMonth] = await Promise.all([rebuild(tenant, day[0]), rebuild(tenant, month[0])]);
      const counters = [
        ...today.flatMap((sum) => countersOf(3, sum)),
        ...thisMonth.flatMap((sum) => countersOf(4, sum)),
      ];
      const keys = [quotaKeys.born(tenant), quotaKeys.day(tenant, day[0]), quotaKeys.month(tenant, month[0])];
      // One argument: there are several for each user of the tenant, and no call takes so many.
      await script(keys, [day[1], month[1], JSON.stringify(counters), timezone]);
    } catch (error) {
      throw new ParleyError('unavailable', 'what was used cannot be read from the ledger', {
        cause: error,
        retryAfterMs: 2000,
      });
    }
  }

  return (tenant: string, timezone: string, at: number): Promise<void> => {
    const begun = running.get(tenant) ?? bear(tenant, timezone, at).finally(() => running.delete(tenant));
    running.set(tenant, begun);
    return begun;
  };
}

/** Texts: Lua would write a large number with an exponent. */
function countersOf(window: 3 | 4, sum: UsageSum): string[] {
  const field = fieldNameOf(sum);
  const { requests, tokens, costMicroUsd } = sum;
  const values = { r: requests, t: tokens, c: costMicroUsd, ...(window === 4 ? { s: costMicroUsd } : {}) };
  return Object.entries(values).flatMap(([unit, value]) => [String(window), `${field}|${unit}`, String(value)]);
}

function fieldNameOf({ level, name = '', platform = '' }: UsageSum): string {
  switch (level) {
    case 'tenant':
      return fieldOf.tenant();
    case 'user':
      return fieldOf.user(platform, name);
    case 'group':
      return fieldOf.group(platform, name);
    default:
      return fieldOf[level](name);
  }
}
