import type { LimitWindows, TenantConfig } from '../../api/types.ts';
import { prune } from '../../components/form/prune.ts';

/** A limit for something that has a name: in the form a list, in the configuration an object by name. */
export interface NamedLimit {
  name: string;
  windows?: LimitWindows;
}

export interface TenantValues extends Omit<TenantConfig, 'model_limits' | 'platform_limits' | 'budget'> {
  model_limits?: NamedLimit[];
  platform_limits?: NamedLimit[];
  /** Warnings as percentages, as people write them. */
  budget?: Omit<NonNullable<TenantConfig['budget']>, 'warn_at'> & { warn_at?: string[] };
}

const toList = (limits: Record<string, LimitWindows> | undefined): NamedLimit[] =>
  Object.entries(limits ?? {}).map(([name, windows]) => ({ name, windows }));

const toRecord = (list: NamedLimit[] | undefined): Record<string, LimitWindows> =>
  Object.fromEntries((list ?? []).filter(({ name }) => name).map(({ name, windows }) => [name, prune(windows ?? {})]));

/** The configuration as the form has it. */
export function toValues(config: TenantConfig): TenantValues {
  const { model_limits, platform_limits, budget, ...rest } = config;
  return {
    ...rest,
    model_limits: toList(model_limits),
    platform_limits: toList(platform_limits),
    ...(budget
      ? { budget: { ...budget, warn_at: (budget.warn_at ?? []).map((part) => `${Math.round(part * 1000) / 10}`) } }
      : {}),
  };
}

/** Parts that mean something even when they are empty. */
const SWITCHES = ['cache', 'anomaly'];

/** What the form holds as configuration; what was left empty is left out. */
export function toConfig({ model_limits, platform_limits, budget, ...rest }: TenantValues): TenantConfig {
  const warnings = budget?.warn_at
    ?.map((percent) => Number.parseFloat(percent) / 100)
    .filter((part) => part > 0 && part < 1);
  return prune(
    {
      ...rest,
      model_limits: toRecord(model_limits),
      platform_limits: toRecord(platform_limits),
      ...(budget ? { budget: { ...budget, warn_at: warnings ?? [] } } : {}),
    },
    SWITCHES,
  );
}
