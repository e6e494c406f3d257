import { assertSchema } from '@parley/core/store';
import type { Check } from '@parley/gateway';
import type { HubCore } from './core.ts';

/** What a process of the hub needs in order to be of use. */
export function readinessChecks({ publishRedis, store }: HubCore): Check[] {
  return [
    { name: 'redis', check: () => publishRedis.ping() },
    { name: 'postgres', check: () => store.ping() },
    { name: 'schema', check: () => assertSchema(store) },
  ];
}
