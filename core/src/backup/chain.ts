import { ParleyError } from '../errors/index.ts';
import type { BackupKey } from './key.ts';
import { type KnownManifest, MANIFEST_FILE, parseManifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';

/** What a folder of a place turned out to be. */
export interface FoundBackup {
  id: string;
  /** Absent: it is of no use, and `fault` says why. */
  manifest?: KnownManifest;
  fault?: { kind: 'incomplete' | 'other key' | 'damaged'; message: string };
}

/** The folders that backups are in; others are left alone. */
const BACKUP_ID = /^\d{8}T\d{6}\.\d{3}Z-(full|incremental)-[0-9a-f]{4}$/;

/** Every backup of a place, the oldest first. */
export async function listBackups(place: BackupPlace, key: BackupKey): Promise<FoundBackup[]> {
  const found: FoundBackup[] = [];
  const folders = (await place.folders()).filter((name) => BACKUP_ID.test(name));
  for (const id of folders.sort()) found.push(await lookAt(place, id, key));
  return found;
}

async function lookAt(place: BackupPlace, id: string, key: BackupKey): Promise<FoundBackup> {
  const bytes = await place.read(id, MANIFEST_FILE);
  if (!bytes) {
    const message = `Backup ${id} has no ${MANIFEST_FILE}: it was interrupted, or is being written`;
    return { id, fault: { kind: 'incomplete', message } };
  }
  try {
    return { id, manifest: parseManifest(bytes, id, key) };
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return { id, fault: { kind: error.code === 'forbidden' ? 'other key' : 'damaged', message: error.message } };
  }
}

/**
 * The backup that is meant: the one with that id, else the newest that was taken at or before `at`, else the newest.
 *
 * @param at Unix ms
 * @throws ParleyError `not_found`, or what is wrong with the one that was named
 */
export function chooseBackup(
  found: readonly FoundBackup[],
  wanted: { id?: string | undefined; at?: number | undefined },
): KnownManifest {
  if (wanted.id !== undefined) {
    const named = found.find(({ id }) => id === wanted.id);
    if (named?.manifest) return named.manifest;
    throw new ParleyError(
      named?.fault?.kind === 'damaged' ? 'invalid_request' : 'not_found',
      named?.fault?.message ?? `There is no backup ${wanted.id}`,
    );
  }
  const { at = Number.POSITIVE_INFINITY } = wanted;
  const newest = found.findLast(({ manifest }) => manifest && Date.parse(manifest.takenAt) <= at)?.manifest;
  if (newest) return newest;
  const faults = found.flatMap(({ fault }) => fault?.message ?? []);
  const until = wanted.at === undefined ? '' : ` from before ${new Date(wanted.at).toISOString()}`;
  throw new ParleyError('not_found', [`There is no usable backup${until}`, ...faults].join('\n'));
}

/**
 * A backup and all that it builds on, itself first, the full one last.
 *
 * @throws ParleyError `not_found` where one is missing, `invalid_request` where one was replaced
 */
export function chainOf(found: readonly FoundBackup[], id: string): KnownManifest[] {
  const chain: KnownManifest[] = [];
  for (let wanted: { id: string; mac?: string } | undefined = { id }; wanted; ) {
    const { manifest, fault } = found.find((one) => one.id === wanted?.id) ?? {};
    const child = chain.at(-1);
    if (!manifest) {
      const why = fault ? `: ${fault.message}` : ', which is not there';
      throw new ParleyError(
        'not_found',
        child ? `Backup ${child.id} builds on ${wanted.id}${why}` : `There is no usable backup ${wanted.id}${why}`,
      );
    }
    if (wanted.mac !== undefined && wanted.mac !== manifest.mac) {
      throw new ParleyError('invalid_request', `Backup ${child?.id} builds on another ${wanted.id} than is there`);
    }
    chain.push(manifest);
    wanted = manifest.parent;
  }
  return chain;
}
