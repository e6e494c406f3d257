import { createTokenIssuer } from '@parley/core/auth';
import type { Settings } from '@parley/core/config';
import { fingerprintOf } from '@parley/core/provider';
import { createSealer, loadMasterKey, parseMasterKey, type Sealer } from '@parley/core/secrets';
import { createSigningKeys, keyAges, readModelKeys, type Store } from '@parley/core/store';
import { misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

/** As the hub itself warns of. */
const OLD_DAYS = 90;
const DAY_MS = 86_400_000;

/** `parley keys`: every key that ages, and for how long it has been in use. Exit 1 if one is to be replaced. */
export const keys: RunCommand = async ({ args, env }) => {
  const [action, ...rest] = args;
  if (rest.length > 0 || (action !== undefined && action !== 'rotate-signing')) return misused('keys', env);
  return withStore(env, async (store, settings) => {
    const sealer = await openSealer(settings);
    if (action === undefined) return report(store, sealer);
    await createTokenIssuer(createSigningKeys(store, sealer)).rotate();
    process.stdout.write('new tokens are signed with a new key; the old one verifies for a day\n');
    return 0;
  });
};

async function openSealer({ masterKey, dataDir, otherMasterKey }: Settings): Promise<Sealer> {
  const others = otherMasterKey ? [parseMasterKey(otherMasterKey, 'PARLEY_OTHER_MASTER_KEY')] : [];
  return createSealer(await loadMasterKey({ value: masterKey, dataDir, generate: false }), others);
}

async function report(store: Store, sealer: Sealer): Promise<number> {
  process.stdout.write(`master key ${sealer.keyId}\n`);
  for (const { kid, createdAt, retiredAt } of await createSigningKeys(store, sealer).list()) {
    const days = Math.floor((Date.now() - createdAt) / DAY_MS);
    process.stdout.write(`signing key ${kid}: ${days} days${retiredAt === undefined ? '' : ', retired'}\n`);
  }
  const inUse = (await readModelKeys(store, sealer)).flatMap(({ model, keys: secrets }) =>
    secrets.map((secret) => ({ model, fingerprint: fingerprintOf(secret) })),
  );
  const ages = await keyAges(
    store,
    inUse.map(({ fingerprint }) => fingerprint),
  );
  let isOld = false;
  for (const { model, fingerprint } of inUse) {
    const days = ages.find((one) => one.model === model && one.fingerprint === fingerprint)?.days;
    const old = days !== undefined && days >= OLD_DAYS;
    const age = days === undefined ? 'not noted yet' : `${days} days${old ? ': replace it' : ''}`;
    process.stdout.write(`key ${fingerprint} of model ${model}: ${age}\n`);
    isOld ||= old;
  }
  return isOld ? 1 : 0;
}
