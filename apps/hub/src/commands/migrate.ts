import { migrate as migrateStore, schemaVersion } from '@parley/core/store';
import type { RunCommand } from './index.ts';
import { withStore } from './open.ts';

export const migrate: RunCommand = ({ env }) =>
  withStore(
    env,
    async (store) => {
      await migrateStore(store);
      process.stdout.write(`schema version ${await schemaVersion(store)}\n`);
      return 0;
    },
    { anySchema: true },
  );
