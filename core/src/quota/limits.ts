import type { LimitWindows } from '../config/index.ts';
import type { LimitLevel, LimitState, LimitWindow, QuotaSubject } from './types.ts';

/** One limit as the script checks it. */
export interface Limit extends Pick<LimitState, 'level' | 'window' | 'unit' | 'limit' | 'name'> {
  /** Whose counter. */
  field: string;
}

/** Names of counters. Levels that have several of a kind carry which one. */
export const fieldOf = {
  tenant: () => 'T',
  user: (platform: string, user: string) => `U:${platform}:${user}`,
  model: (model: string) => `M:${model}`,
  api_key: (id: string) => `K:${id}`,
  platform: (platform: string) => `P:${platform}`,
  group: (platform: string, group: string) => `G:${platform}:${group}`,
};

const MICRO = 1_000_000;

/** Every limit that a question of this subject to this model is under. */
export function limitsOf(
  { tenant, platform, user, group, apiKey }: QuotaSubject,
  model: string,
  now = Date.now(),
): Limit[] {
  const { limits, user_limits, model_limits, platform_limits, group_limits, budget } = tenant;
  const raise = tenant.raise && now < Date.parse(tenant.raise.until) ? tenant.raise : undefined;
  const windowsOf = (...of: Parameters<typeof limitsIn>) => limitsIn(...of).map((one) => raised(one, raise?.factor));
  const monthly = budget && budget.monthly_usd + (raise?.budget_usd ?? 0);
  const userField = fieldOf.user(platform, user);
  const money = (field: string, level: LimitLevel, usd: number | undefined): Limit[] =>
    usd === undefined ? [] : [{ field, level, window: 'month', unit: 'micro_usd', limit: Math.round(usd * MICRO) }];
  return [
    ...windowsOf(fieldOf.tenant(), 'tenant', limits),
    ...windowsOf(userField, 'user', user_limits),
    ...windowsOf(fieldOf.model(model), 'model', model_limits?.[model], model),
    ...(apiKey ? windowsOf(fieldOf.api_key(apiKey.id), 'api_key', apiKey.limits, apiKey.id) : []),
    ...windowsOf(fieldOf.platform(platform), 'platform', platform_limits?.[platform], platform),
    ...(group === undefined ? [] : windowsOf(fieldOf.group(platform, group), 'group', group_limits)),
    ...money(fieldOf.tenant(), 'tenant', monthly),
    ...money(userField, 'user', budget?.user_monthly_usd),
  ];
}

const WINDOWS: LimitWindow[] = ['minute', 'hour', 'day'];

function limitsIn(field: string, level: LimitLevel, windows: LimitWindows | undefined, name?: string): Limit[] {
  if (!windows) return [];
  return WINDOWS.flatMap((window) => {
    const requests = windows[window as 'minute'];
    const tokens = windows[`tokens_${window}` as 'tokens_minute'];
    const common = { field, level, window, ...(name === undefined ? {} : { name }) };
    return [
      ...(requests === undefined ? [] : [{ ...common, unit: 'requests' as const, limit: requests }]),
      ...(tokens === undefined ? [] : [{ ...common, unit: 'tokens' as const, limit: tokens }]),
    ];
  });
}

/** What a model or a key may do is somebody else's limit: a raise does not touch it. */
function raised(one: Limit, factor: number | undefined): Limit {
  const isOwn = one.level !== 'model' && one.level !== 'api_key';
  return factor !== undefined && isOwn ? { ...one, limit: Math.round(one.limit * factor) } : one;
}

/**
 * What is counted by day and month whether or not something limits it: a budget that is set in mid-month finds what was
 * spent. Nothing has to be reserved for it, so it is counted when a question is settled.
 */
export function alwaysCounted({ platform, user, apiKey }: QuotaSubject, model: string): string[] {
  return [
    fieldOf.tenant(),
    fieldOf.user(platform, user),
    fieldOf.model(model),
    fieldOf.platform(platform),
    ...(apiKey ? [fieldOf.api_key(apiKey.id)] : []),
  ];
}
