import { type BackupKey, type BackupPlace, createBackupKey, openBackupPlace } from '@parley/core/backup';
import { type Environment, loadSettings, type Settings } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { loadMasterKey, parseMasterKey } from '@parley/core/secrets';

/** Opens the place where backups lie, for a command that ends by itself. */
export async function withBackups<T>(
  env: Environment,
  named: string | undefined,
  work: (place: BackupPlace, key: BackupKey, where: string) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(env, 'command');
  const where = named ?? settings.backupTo;
  if (where === undefined) {
    throw new ParleyError(
      'invalid_config',
      'Say where backups are: PARLEY_BACKUP_TO, or --to (--from) FOLDER or s3://BUCKET/PREFIX',
    );
  }
  const key = await loadBackupKey(settings);
  const place = openBackupPlace(where, env);
  try {
    return await work(place, key, where);
  } finally {
    place.close();
  }
}

/** What backups of this hub are sealed with. */
export async function loadBackupKey({
  backupKey,
  masterKey,
  dataDir,
}: Pick<Settings, 'backupKey' | 'masterKey' | 'dataDir'>): Promise<BackupKey> {
  if (backupKey !== undefined) return createBackupKey(parseMasterKey(backupKey, 'PARLEY_BACKUP_KEY'), 'own');
  return createBackupKey(await loadMasterKey({ value: masterKey, dataDir, generate: false }), 'master');
}
