import { drainStream } from '../bus/drain.ts';
import type { RedisClient } from '../bus/index.ts';
import { quotaKeys } from './keys.ts';
import type { LedgerRow, Quota } from './types.ts';

/** See `Quota.drainLedger`. */
export function createLedgerDrain(redis: RedisClient): Quota['drainLedger'] {
  return async (tenants, write) => {
    const writeRows = (rows: string[]) => write(rows.map((row) => JSON.parse(row || '{}') as LedgerRow));
    let moved = 0;
    for (const tenant of tenants) moved += await drainStream(redis, quotaKeys.ledger(tenant), writeRows);
    return moved;
  };
}
