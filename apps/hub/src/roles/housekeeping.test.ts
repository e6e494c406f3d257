import type { Config } from '@parley/core/config';
import { expect, test } from 'vitest';
import type { Asking } from './asking.ts';
import type { HubCore } from './core.ts';
import { createHousekeeping } from './housekeeping.ts';

const configOf = (...ids: string[]) => ({ tenants: ids.map((id) => ({ id })) }) as unknown as Config;

test('what a tenant had asked is charged also after it has been taken out of the configuration', async () => {
  const config = { current: configOf('acme', 'globex') };
  let change: (next: Config) => void = () => {};
  const core = {
    config,
    store: {},
    onConfigChange: (listener: typeof change) => (change = listener),
  } as unknown as HubCore;
  const asked: Record<string, readonly string[]> = {};
  const quota = {
    reap: async (tenants: readonly string[]) => {
      asked.reaped = tenants;
      return 0;
    },
    drainLedger: async (tenants: readonly string[]) => {
      asked.drained = tenants;
      return 0;
    },
  };
  const { keepLedger } = createHousekeeping({ core, asking: { quota } as unknown as Asking, notices: {} as never });
  config.current = configOf('globex', 'initech');
  change(config.current);
  await keepLedger();
  expect(asked).toEqual({ reaped: ['acme', 'globex', 'initech'], drained: ['acme', 'globex', 'initech'] });
});
