import { loadSettings } from '@parley/core/config';
import { createSealer, loadMasterKey, parseMasterKey } from '@parley/core/secrets';
import { assertSchema, openStore, rotateSecrets } from '@parley/core/store';
import { lockDataFolder } from '../embedded/data-folder.ts';
import type { RunCommand } from './index.ts';

export const secrets: RunCommand = async ({ args: [action], env }) => {
  const next = env.PARLEY_NEW_MASTER_KEY;
  if (action !== 'rotate' || !next) {
    process.stderr.write(
      'Usage: PARLEY_NEW_MASTER_KEY=… parley secrets rotate   (make one with: openssl rand -base64 32)\n',
    );
    return 2;
  }
  const settings = loadSettings(env, 'command');
  const newSealer = createSealer(parseMasterKey(next, 'PARLEY_NEW_MASTER_KEY'));
  const oldKey = await loadMasterKey({ value: settings.masterKey, dataDir: settings.dataDir, generate: false });
  const unlock = settings.databaseUrl ? () => {} : lockDataFolder(settings.dataDir);
  try {
    const store = await openStore(
      settings.databaseUrl ? { databaseUrl: settings.databaseUrl } : { pgliteDir: `${settings.dataDir}/postgres` },
    );
    await assertSchema(store);
    const count = await rotateSecrets(store, createSealer(oldKey), newSealer);
    await store.close();
    process.stdout.write(
      `${count} secrets re-encrypted. Set PARLEY_MASTER_KEY to the new key everywhere, then restart.\n`,
    );
    return 0;
  } finally {
    unlock();
  }
};
