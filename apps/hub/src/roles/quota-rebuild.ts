import type { Rebuild } from '@parley/core/quota';
import { type Store, usageSince } from '@parley/core/store';

/** For the quota of a Redis that is new or was emptied: what the ledger says. */
export function quotaRebuild(store: Store): Rebuild {
  return (tenant, since) => usageSince(store, tenant, since);
}
