import { type Environment, loadSettings, type Settings } from '@parley/core/config';
import { assertSchema, openStore, type Store } from '@parley/core/store';
import { lockDataFolder } from '../embedded/data-folder.ts';

/** Opens the database for a command that ends by itself. The embedded one is free only while the hub does not run. */
export async function withStore<T>(
  env: Environment,
  work: (store: Store, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(env, 'command');
  const { databaseUrl, dataDir } = settings;
  const unlock = databaseUrl ? () => {} : lockDataFolder(dataDir);
  try {
    const store = await openStore(databaseUrl ? { databaseUrl } : { pgliteDir: `${dataDir}/postgres` });
    try {
      await assertSchema(store);
      return await work(store, settings);
    } finally {
      await store.close();
    }
  } finally {
    unlock();
  }
}
