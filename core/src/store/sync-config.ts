import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Config, EntryKind } from '../config/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { guarded } from './errors.ts';
import { CONFIG_LOCK } from './locks.ts';
import { channelEntry, entryDigest, type MirroredEntry, modelEntry, SHARED_TENANT, tenantEntry } from './mirror.ts';
import type { Db, Store } from './open.ts';
import { channels, type EntrySource, models, tenants } from './schema.ts';

export interface SyncResult {
  /** Rows that were inserted, changed or brought back. */
  written: number;
  /** Rows whose entry is gone from the configuration. */
  deactivated: number;
}

/** Where an entry comes from; undefined: it is not to be mirrored. */
type SourceOf = (kind: EntryKind, id: string) => EntrySource | undefined;

/**
 * Makes the tables tenants, channels and models say what the configuration says, secrets sealed. Rows that say it
 * already are not touched. Safe from several processes at once: one after the other.
 */
export function syncConfig(store: Store, config: Config, sealer: Sealer, sourceOf: SourceOf): Promise<SyncResult> {
  return guarded('storing the configuration', () =>
    store.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${CONFIG_LOCK})`);
      const results = [
        await syncTenants(tx, config.tenants.map(tenantEntry), sealer, sourceOf),
        await syncChannels(tx, config.channels.map(channelEntry), sealer, sourceOf),
        await syncModels(tx, config.models.map(modelEntry), sealer, sourceOf),
      ];
      return {
        written: results.reduce((sum, { written }) => sum + written, 0),
        deactivated: results.reduce((sum, { deactivated }) => sum + deactivated, 0),
      };
    }),
  );
}

async function syncTenants(tx: Db, entries: MirroredEntry[], sealer: Sealer, sourceOf: SourceOf): Promise<SyncResult> {
  const columns = { id: tenants.tenant, digest: tenants.digest, active: tenants.active, source: tenants.source };
  const { changed, gone } = compare(entries, await tx.select(columns).from(tenants), sealer, (id) =>
    sourceOf('tenants', id),
  );
  for (const { tenant, settings, digest, source } of changed) {
    const name = typeof settings.name === 'string' ? settings.name : null;
    const values = { name, settings, digest, source, active: true };
    await tx
      .insert(tenants)
      .values({ tenant, ...values })
      .onConflictDoUpdate({ target: tenants.tenant, set: { ...values, updatedAt: sql`now()` } });
  }
  if (gone.length > 0) {
    await tx.update(tenants).set({ active: false, updatedAt: sql`now()` }).where(inArray(tenants.tenant, gone));
  }
  return { written: changed.length, deactivated: gone.length };
}

async function syncChannels(tx: Db, entries: MirroredEntry[], sealer: Sealer, sourceOf: SourceOf): Promise<SyncResult> {
  const columns = { id: channels.id, digest: channels.digest, active: channels.active, source: channels.source };
  const { changed, gone } = compare(entries, await tx.select(columns).from(channels), sealer, (id) =>
    sourceOf('channels', id),
  );
  for (const { tenant, id, settings, secrets, context, digest, source } of changed) {
    const sealed = sealer.seal(JSON.stringify(secrets), context);
    const values = { tenant, platform: String(settings.platform), settings, sealed, digest, source, active: true };
    await tx
      .insert(channels)
      .values({ id, ...values })
      .onConflictDoUpdate({ target: channels.id, set: { ...values, updatedAt: sql`now()` } });
  }
  if (gone.length > 0) {
    await tx.update(channels).set({ active: false, updatedAt: sql`now()` }).where(inArray(channels.id, gone));
  }
  return { written: changed.length, deactivated: gone.length };
}

async function syncModels(tx: Db, entries: MirroredEntry[], sealer: Sealer, sourceOf: SourceOf): Promise<SyncResult> {
  const columns = { id: models.id, digest: models.digest, active: models.active, source: models.source };
  const shared = eq(models.tenant, SHARED_TENANT);
  const { changed, gone } = compare(entries, await tx.select(columns).from(models).where(shared), sealer, (id) =>
    sourceOf('models', id),
  );
  for (const { tenant, id, settings, secrets, context, digest, source } of changed) {
    const sealed = sealer.seal(JSON.stringify(secrets), context);
    const values = { provider: String(settings.provider), settings, sealed, digest, source, active: true };
    await tx
      .insert(models)
      .values({ tenant, id, ...values })
      .onConflictDoUpdate({ target: [models.tenant, models.id], set: { ...values, updatedAt: sql`now()` } });
  }
  if (gone.length > 0) {
    await tx
      .update(models)
      .set({ active: false, updatedAt: sql`now()` })
      .where(and(shared, inArray(models.id, gone)));
  }
  return { written: changed.length, deactivated: gone.length };
}

interface StoredRow {
  id: string;
  digest: string;
  active: boolean;
  source: EntrySource;
}

/** Which entries differ from their rows, and which active rows have no entry any more. */
function compare(
  entries: MirroredEntry[],
  rows: StoredRow[],
  sealer: Sealer,
  sourceOf: (id: string) => EntrySource | undefined,
) {
  const stored = new Map(rows.map((row) => [row.id, row]));
  const mirrored = entries.flatMap((entry) => {
    const source = sourceOf(entry.id);
    return source === undefined ? [] : [{ ...entry, source, digest: entryDigest(entry, sealer) }];
  });
  const changed = mirrored.filter(({ id, digest, source }) => {
    const row = stored.get(id);
    return row === undefined || !row.active || row.digest !== digest || row.source !== source;
  });
  const wanted = new Set(mirrored.map(({ id }) => id));
  const gone = rows.filter((row) => row.active && !wanted.has(row.id)).map(({ id }) => id);
  return { changed, gone };
}
