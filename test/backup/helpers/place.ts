import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BackupKey,
  type BackupPlace,
  chainOf,
  chooseBackup,
  type KnownManifest,
  listBackups,
  openBackupPlace,
} from '@parley/core/backup';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startDatabases } from './database.ts';

type Databases = Awaited<ReturnType<typeof startDatabases>>;

/** For a test file: databases for all of its tests, and an empty folder for the backups of each. */
export function useBackups() {
  let databases: Databases;
  let folder: string;
  let place: BackupPlace;
  beforeAll(async () => {
    databases = await startDatabases();
  });
  afterAll(() => databases?.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-backups-'));
    place = openBackupPlace(folder, {});
    return () => rm(folder, { recursive: true });
  });
  return {
    get databases() {
      return databases;
    },
    get folder() {
      return folder;
    },
    get place() {
      return place;
    },
  };
}

/** A backup that can be restored, the newest or that one, and what it builds on. */
export async function chainIn(place: BackupPlace, key: BackupKey, id?: string): Promise<KnownManifest[]> {
  const found = await listBackups(place, key);
  return chainOf(found, chooseBackup(found, { id }).id);
}
