import type { ModelConfig, TenantConfig } from '@parley/core/config';
import { endpointName, type RouteHealth } from '@parley/core/pool';
import { fingerprintOf } from '@parley/core/provider';
import { z } from 'zod';

export const modelStatusSchema = z.object({
  keys: z.array(
    z.object({
      fingerprint: z.string(),
      age_days: z.number().nullable(),
      state: z.enum(['ok', 'cooling', 'refused']),
      until: z.string().nullable(),
    }),
  ),
  endpoints: z.array(
    z.object({
      base_url: z.string().nullable(),
      region: z.string().nullable(),
      breaker: z.enum(['closed', 'open', 'half_open']),
      ttft_ms: z.number().nullable(),
      in_flight: z.number(),
    }),
  ),
  used_by: z.array(z.string()),
});

export interface KeyAge {
  model: string;
  fingerprint: string;
  days: number;
}

const REFUSED = new Set(['model_auth', 'model_out_of_money']);

/** How a model does, as this process knows it (cooling keys and breakers are shared by all). */
export function modelStatusOf(
  model: ModelConfig,
  health: readonly RouteHealth[],
  ages: readonly KeyAge[],
  tenants: readonly TenantConfig[],
): z.output<typeof modelStatusSchema> {
  const own = health.filter((one) => one.model === model.id);
  const endpoints = model.endpoints.length > 0 ? model.endpoints : [{ base_url: undefined, region: undefined }];
  return {
    keys: model.keys.map((key) => {
      const fingerprint = fingerprintOf(key);
      const { coolingUntil, coolingBecause } = own.find((one) => one.keyFingerprint === fingerprint) ?? {};
      const age = ages.find((one) => one.model === model.id && one.fingerprint === fingerprint);
      return {
        fingerprint,
        age_days: age?.days ?? null,
        state: coolingUntil === undefined ? 'ok' : REFUSED.has(coolingBecause ?? '') ? 'refused' : 'cooling',
        until: coolingUntil === undefined ? null : new Date(coolingUntil).toISOString(),
      };
    }),
    endpoints: endpoints.map(({ base_url: url, region }) => {
      const found = own.find((one) => one.endpoint === endpointName(url));
      return {
        base_url: url ?? null,
        region: region ?? null,
        breaker: found?.breaker ?? 'closed',
        ttft_ms: found?.firstTokenMs === undefined ? null : Math.round(found.firstTokenMs),
        in_flight: found?.inFlight ?? 0,
      };
    }),
    used_by: tenants.filter(({ models }) => models.includes(model.id)).map(({ id }) => id),
  };
}
