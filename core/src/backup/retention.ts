import { chainOf, type FoundBackup, listBackups } from './chain.ts';
import type { BackupKey } from './key.ts';
import { MANIFEST_FILE } from './manifest.ts';
import type { BackupPlace } from './place.ts';

/** What was begun longer ago than this and has no manifest will never get one. */
const ABANDONED_MS = 24 * 3_600_000;

/**
 * Removes old backups: the newest `keep` stay, and all that they build on, and what is under another key or damaged,
 * because somebody has to look at it. Returns the ids of those that went.
 *
 * @param now Unix ms
 */
export async function removeOldBackups(
  place: BackupPlace,
  key: BackupKey,
  keep: number,
  now = Date.now(),
): Promise<string[]> {
  const found = await listBackups(place, key);
  const usable = found.flatMap(({ manifest }) => manifest ?? []);
  const kept = new Set(usable.slice(-keep).flatMap(({ id }) => linksOf(found, id)));
  const old = found.filter(({ id, manifest, fault }) =>
    manifest ? !kept.has(id) : fault?.kind === 'incomplete' && now - timeOf(id) > ABANDONED_MS,
  );
  // The newest first: what is left at any moment can be restored.
  for (const { id } of old.reverse()) {
    const parts = (await place.files(id)).filter((name) => name !== MANIFEST_FILE);
    await place.remove(id, [MANIFEST_FILE, ...parts]);
  }
  return old.map(({ id }) => id);
}

/** A chain with a link missing still keeps what there is of it: it may be found again. */
function linksOf(found: readonly FoundBackup[], id: string): string[] {
  try {
    return chainOf(found, id).map((manifest) => manifest.id);
  } catch {
    return found.map((one) => one.id);
  }
}

/** `20261121T085245.123Z-full-ab12` → Unix ms. */
function timeOf(id: string): number {
  const [, year, month, day, hour, minute, rest] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)([\d.]+)Z/.exec(id) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${rest}Z`);
}
