import { pingRedis } from '@parley/core/bus';
import { assertSchemaServes } from '@parley/core/store';
import type { Check } from '@parley/gateway/process';
import type { HubCore } from './core.ts';

/** What a process of the hub needs in order to be of use. */
export function readinessChecks({ publishRedis, store }: HubCore): Check[] {
  return [
    { name: 'redis', check: () => pingRedis(publishRedis) },
    { name: 'postgres', check: () => store.ping() },
    { name: 'schema', check: () => assertSchemaServes(store) },
  ];
}
