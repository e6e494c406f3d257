import { createSealer, loadMasterKey, parseMasterKey } from '@parley/core/secrets';
import { rotateSecrets } from '@parley/core/store';
import type { RunCommand } from './index.ts';
import { withStore } from './open.ts';

export const secrets: RunCommand = async ({ args: [action], env }) => {
  const next = env.PARLEY_NEW_MASTER_KEY;
  if (action !== 'rotate' || !next) {
    process.stderr.write(
      'Usage: PARLEY_NEW_MASTER_KEY=… parley secrets rotate   (make one with: openssl rand -base64 32)\n',
    );
    return 2;
  }
  const newSealer = createSealer(parseMasterKey(next, 'PARLEY_NEW_MASTER_KEY'));
  const count = await withStore(env, async (store, { masterKey, dataDir }) => {
    const oldKey = await loadMasterKey({ value: masterKey, dataDir, generate: false });
    return rotateSecrets(store, createSealer(oldKey), newSealer);
  });
  process.stdout.write(
    `${count} secrets re-encrypted. Set PARLEY_MASTER_KEY to the new key everywhere, then restart.\n`,
  );
  return 0;
};
