import type { Settings } from '@parley/core/config';
import { createSealer, loadMasterKey, parseMasterKey, type Sealer } from '@parley/core/secrets';
import { rotateSecrets } from '@parley/core/store';
import { misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

/** `parley secrets rotate`: what is stored goes from one master key to another. After an interruption it goes on. */
export const secrets: RunCommand = async ({ args, env }) => {
  const next = env.PARLEY_NEW_MASTER_KEY;
  if (args.join(' ') !== 'rotate' || (!next && !env.PARLEY_OTHER_MASTER_KEY)) {
    return misused('secrets', env);
  }
  const count = await withStore(env, async (store, settings) => {
    const { from, to } = await sealersOf(settings, next);
    return rotateSecrets(store, from, to);
  });
  process.stdout.write(
    next
      ? `${count} secrets re-encrypted. Set PARLEY_MASTER_KEY to the new key everywhere, then restart.\n`
      : `${count} secrets re-encrypted. Take PARLEY_OTHER_MASTER_KEY away everywhere, then restart.\n`,
  );
  return 0;
};

/** What opens everything that may be stored, and what it is to be under. */
async function sealersOf(settings: Settings, next: string | undefined): Promise<{ from: Sealer; to: Sealer }> {
  const { masterKey, dataDir, otherMasterKey } = settings;
  const present = await loadMasterKey({ value: masterKey, dataDir, generate: false });
  const others = otherMasterKey ? [parseMasterKey(otherMasterKey, 'PARLEY_OTHER_MASTER_KEY')] : [];
  const from = createSealer(present, others);
  return { from, to: next ? createSealer(parseMasterKey(next, 'PARLEY_NEW_MASTER_KEY')) : createSealer(present) };
}
