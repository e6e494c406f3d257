import { loadSettings } from '@parley/core/config';
import { migrate as migrateStore, openStore, schemaVersion } from '@parley/core/store';
import { lockDataFolder } from '../embedded/data-folder.ts';
import type { RunCommand } from './index.ts';

export const migrate: RunCommand = async ({ env }) => {
  const settings = loadSettings(env, 'command');
  const unlock = settings.databaseUrl ? () => {} : lockDataFolder(settings.dataDir);
  try {
    const store = await openStore(
      settings.databaseUrl ? { databaseUrl: settings.databaseUrl } : { pgliteDir: `${settings.dataDir}/postgres` },
    );
    await migrateStore(store);
    process.stdout.write(`schema version ${await schemaVersion(store)}\n`);
    await store.close();
    return 0;
  } finally {
    unlock();
  }
};
