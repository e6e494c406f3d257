import { openBackupPlace } from '@parley/core/backup';
import type { Environment } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { noteBackup } from '@parley/core/store';
import { z } from 'zod';
import { loadBackupKey } from '../commands/backup-place.ts';
import { backupRequest, saveBackup, verifiedNote } from '../commands/save-backup.ts';
import type { HubRequests } from '../embedded/hub-socket.ts';
import type { HubCore } from './core.ts';

/** What a hub with the embedded database does for commands, which cannot open that while it runs. */
export function commandRequests(core: HubCore, env: Environment): HubRequests {
  const { settings, store, backups, logger } = core;
  let isSaving = false;

  async function save(body: unknown, signal: AbortSignal) {
    const { to, full, keep, keyId } = parse(backupRequest, body);
    const key = await loadBackupKey(settings);
    if (key.id !== keyId) {
      throw new ParleyError(
        'forbidden',
        `The hub that runs has backup key ${key.id}, and this is ${keyId}: start the hub with the same PARLEY_BACKUP_KEY (or without one)`,
      );
    }
    const place = openBackupPlace(to, env);
    try {
      const { configFile } = settings;
      const saved = await saveBackup({ store, place, key, full, keep, configFile, signal });
      await backups.look();
      const { id, kind, rows, bytes } = saved;
      logger.info({ backup: id, kind, rows, bytes, place: place.name }, 'backup made');
      return saved;
    } finally {
      place.close();
    }
  }

  return {
    async backup(body, signal) {
      if (isSaving) throw new ParleyError('conflict', 'A backup is being made already');
      isSaving = true;
      return save(body, signal).finally(() => {
        isSaving = false;
      });
    },
    async verified(body) {
      await noteBackup(store, parse(verifiedNote, body));
      await backups.look();
    },
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body);
  if (error) throw new ParleyError('invalid_request', `The hub was asked in another way: ${z.prettifyError(error)}`);
  return data;
}
