import { createSealer, loadMasterKey, parseMasterKey } from '@parley/core/secrets';
import { rotateSecrets } from '@parley/core/store';
import { misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

export const secrets: RunCommand = async ({ args: [action, ...rest], env }) => {
  const next = env.PARLEY_NEW_MASTER_KEY;
  if (action !== 'rotate' || rest.length > 0 || !next) return misused('secrets', env);
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
