import { eq, inArray } from 'drizzle-orm';
import type { Sealer } from '../secrets/index.ts';
import { guarded } from './errors.ts';
import { modelContext } from './mirror.ts';
import type { Store } from './open.ts';
import { modelKeys, models } from './schema.ts';

const DAY_MS = 86_400_000;

/** Notes keys that are in use, by fingerprint, and tells for how many days each has been. */
export function noteModelKeys(
  store: Store,
  keys: readonly { model: string; fingerprint: string }[],
  now: number,
): Promise<{ model: string; fingerprint: string; days: number }[]> {
  return guarded('noting keys', async () => {
    if (keys.length === 0) return [];
    const firstSeen = new Date(now);
    await store.db
      .insert(modelKeys)
      .values(keys.map(({ model, fingerprint }) => ({ model, fingerprint, firstSeen })))
      .onConflictDoNothing();
    const fingerprints = keys.map(({ fingerprint }) => fingerprint);
    return agesOf(store, fingerprints, now);
  });
}

/** For how many days each of these keys has been in use, as far as it was noted. */
export function keyAges(store: Store, fingerprints: readonly string[], now = Date.now()) {
  return guarded('reading the age of keys', async () =>
    fingerprints.length === 0 ? [] : agesOf(store, fingerprints, now),
  );
}

async function agesOf(store: Store, fingerprints: readonly string[], now: number) {
  const rows = await store.db
    .select()
    .from(modelKeys)
    .where(inArray(modelKeys.fingerprint, [...fingerprints]));
  return rows.map(({ model, fingerprint, firstSeen }) => ({
    model,
    fingerprint,
    days: Math.floor((now - firstSeen.getTime()) / DAY_MS),
  }));
}

/** The keys of all models that are in force, as the configuration was last mirrored. Secrets: not to be shown. */
export function readModelKeys({ db }: Store, sealer: Sealer): Promise<{ model: string; keys: string[] }[]> {
  return guarded('reading the keys of models', async () => {
    const rows = await db.select().from(models).where(eq(models.active, true));
    return rows.map(({ tenant, id, sealed }) => {
      const opened: unknown = JSON.parse(sealer.open(sealed, modelContext(tenant, id)));
      return { model: id, keys: Array.isArray(opened) ? opened.filter((key) => typeof key === 'string') : [] };
    });
  });
}
