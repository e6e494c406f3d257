import { drainStreams } from '../bus/drain.ts';
import type { RedisClient } from '../bus/index.ts';
import { quotaKeys } from './keys.ts';
import type { LedgerRow, Quota } from './types.ts';

/** See `Quota.drainLedger`. */
export function createLedgerDrain(redis: RedisClient): Quota['drainLedger'] {
  return (tenants, write) =>
    drainStreams(redis, tenants.map(quotaKeys.ledger), (rows) =>
      write(rows.map((row) => JSON.parse(row || '{}') as LedgerRow)),
    );
}
