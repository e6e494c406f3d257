import type { RedisClient } from '../bus/index.ts';
import { quotaKeys } from './keys.ts';
import type { LedgerRow, Quota } from './types.ts';

const BATCH = 200;

/** See `Quota.drainLedger`. */
export function createLedgerDrain(redis: RedisClient): Quota['drainLedger'] {
  async function drainTenant(tenant: string, write: (rows: LedgerRow[]) => Promise<void>): Promise<number> {
    const stream = quotaKeys.ledger(tenant);
    for (let moved = 0; ; ) {
      const entries = await redis.xrange(stream, '-', '+', 'COUNT', BATCH);
      if (entries.length === 0) return moved;
      await write(entries.map(([, fields]) => JSON.parse(fields[1] ?? '{}') as LedgerRow));
      await redis.xdel(stream, ...entries.map(([id]) => id));
      moved += entries.length;
      if (entries.length < BATCH) return moved;
    }
  }

  return async (tenants, write) => {
    let moved = 0;
    for (const tenant of tenants) moved += await drainTenant(tenant, write);
    return moved;
  };
}
