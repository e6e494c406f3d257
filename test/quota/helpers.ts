import { connectRedis, type RedisClient } from '@parley/core/bus';
import { type TenantConfig, tenantSchema } from '@parley/core/config';
import { createQuota, type LedgerRow, type Quota, type Rebuild, type ReserveRequest } from '@parley/core/quota';
import { createLogger } from '@parley/core/telemetry';

export const connect = (url: string): RedisClient => connectRedis(url, 'publish', createLogger('silent'));

export const tenant = (over: object = {}): TenantConfig => tenantSchema.parse({ id: 'acme', ...over });

/** A question of one dollar a token, unless it says otherwise. */
export function request(requestId: string, of: TenantConfig, over: Partial<ReserveRequest> = {}): ReserveRequest {
  return {
    requestId,
    subject: { tenant: of, platform: 'slack', user: 'alice' },
    model: 'gpt',
    inputTokens: 10,
    maxOutputTokens: 100,
    inputPrice: 0,
    outputPrice: 0,
    holdMs: 60_000,
    ...over,
  };
}

export const NOTHING_YET: Rebuild = async () => [];

export async function ledgerOf(quota: Quota, tenants = ['acme']): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  await quota.drainLedger(tenants, async (batch) => void rows.push(...batch));
  return rows;
}

export const usage = (inputTokens: number, outputTokens: number) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens: 0,
  estimated: false,
});

export const quotaOver = (redis: RedisClient, rebuild: Rebuild = NOTHING_YET): Quota => createQuota({ redis, rebuild });
