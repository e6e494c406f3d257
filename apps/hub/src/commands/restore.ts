import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  type BackupKey,
  type BackupPlace,
  chainOf,
  chooseBackup,
  type KnownManifest,
  listBackups,
  readConfiguration,
  restoreBackup,
} from '@parley/core/backup';
import type { Settings } from '@parley/core/config';
import { createSealer, loadMasterKey } from '@parley/core/secrets';
import { withBackups } from './backup-place.ts';
import { misused, type RunCommand } from './index.ts';
import { withStore } from './open.ts';

/** `parley restore`: puts a backup into the database that DATABASE_URL names, or into the data folder. */
export const restore: RunCommand = async ({ args, env }) => {
  const asked = readArguments(args);
  if (!asked) return misused('restore', env);
  return withBackups(env, asked.from, (place, key) =>
    withStore(
      env,
      async (store, settings) => {
        const found = await listBackups(place, key);
        const chain = chainOf(found, chooseBackup(found, asked).id);
        const [newest] = chain;
        const done = await restoreBackup({ store, place, key, chain, force: asked.force });
        process.stdout.write(`${newest?.id}: ${done.rows} rows restored, schema version ${done.schemaVersion}`);
        process.stdout.write(done.migrations > 0 ? `, after ${done.migrations} migrations\n` : '\n');
        for (const fault of done.auditFaults) process.stdout.write(`audit log of ${fault}\n`);
        if (done.auditFaults.length === 0) process.stdout.write(`${done.auditRecords} audit records hold\n`);
        if (newest && asked.configuration !== undefined) {
          await giveConfiguration(place, key, newest, asked.configuration);
        }
        if (newest) await tellMasterKey(newest, settings);
        return done.auditFaults.length === 0 ? 0 : 1;
      },
      { anySchema: true },
    ),
  );
};

/** Never over a file that is there. */
async function giveConfiguration(place: BackupPlace, key: BackupKey, manifest: KnownManifest, file: string) {
  const text = await readConfiguration(place, key, manifest);
  if (text === undefined) {
    process.stdout.write('There was no configuration file\n');
    return;
  }
  await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  process.stdout.write(`The configuration file of then is in ${file}\n`);
}

async function tellMasterKey({ masterKeys }: KnownManifest, { masterKey, dataDir }: Settings): Promise<void> {
  if (masterKeys.length === 0) return;
  const present = await loadMasterKey({ value: masterKey, dataDir, generate: false }).then(
    (bytes) => createSealer(bytes).keyId,
    () => undefined,
  );
  if (masterKeys.length === 1 && masterKeys[0] === present) {
    process.stdout.write(`Secrets in it open with the master key that is set here, ${present}.\n`);
    return;
  }
  process.stdout.write(
    `Secrets in it are sealed under master key ${masterKeys.join(' and ')}; here is ${present ?? 'none'}. Set PARLEY_MASTER_KEY (or ${dataDir}/master.key) to that key before you start the hub.\n`,
  );
}

interface Asked {
  from?: string | undefined;
  id?: string | undefined;
  /** Unix ms. */
  at?: number | undefined;
  force: boolean;
  configuration?: string | undefined;
}

function readArguments(args: string[]): Asked | undefined {
  const options = {
    from: { type: 'string' },
    backup: { type: 'string' },
    'to-time': { type: 'string' },
    force: { type: 'boolean' },
    configuration: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ args, options });
    const at = values['to-time'] === undefined ? undefined : Date.parse(values['to-time']);
    if (at !== undefined && (Number.isNaN(at) || values.backup !== undefined)) return undefined;
    const { from, backup: id, force = false, configuration } = values;
    return { from, id, at, force, configuration };
  } catch {
    return undefined; // an option that does not exist, or one without its value
  }
}
