import { and, eq, sql } from 'drizzle-orm';
import { reseal, type Sealer } from '../secrets/index.ts';
import { guarded } from './errors.ts';
import { CONFIG_LOCK } from './locks.ts';
import { channelContext, entryDigest, modelContext, tenantContext } from './mirror.ts';
import type { Store } from './open.ts';
import { channels, models, tenants } from './schema.ts';

/**
 * Puts every stored secret under a new master key, in one transaction: all or none. Rows that are under the new key
 * already stay as they are, so it may be run again. Returns how many secrets were re-encrypted.
 */
export function rotateSecrets(store: Store, from: Sealer, to: Sealer): Promise<number> {
  return guarded('re-encrypting the secrets', () =>
    store.withoutLimits((db) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${CONFIG_LOCK})`);
        let rotated = 0;
        for (const { tenant, settings } of await tx.select().from(tenants)) {
          const digest = entryDigest({ settings, secrets: null, context: tenantContext(tenant) }, to);
          await tx.update(tenants).set({ digest }).where(eq(tenants.tenant, tenant));
        }
        for (const row of await tx.select().from(channels)) {
          const changed = rotateRow(row, channelContext(row.tenant, row.id), from, to);
          if (changed === undefined) continue;
          await tx.update(channels).set(changed).where(eq(channels.id, row.id));
          rotated += 1;
        }
        for (const row of await tx.select().from(models)) {
          const changed = rotateRow(row, modelContext(row.tenant, row.id), from, to);
          if (changed === undefined) continue;
          const thisRow = and(eq(models.tenant, row.tenant), eq(models.id, row.id));
          await tx.update(models).set(changed).where(thisRow);
          rotated += 1;
        }
        return rotated;
      }),
    ),
  );
}

function rotateRow(
  row: { sealed: string; settings: Record<string, unknown> },
  context: string,
  from: Sealer,
  to: Sealer,
): { sealed: string; digest: string } | undefined {
  const sealed = reseal(row.sealed, context, from, to);
  if (sealed === row.sealed) return undefined;
  const secrets: unknown = JSON.parse(to.open(sealed, context));
  return { sealed, digest: entryDigest({ settings: row.settings, secrets, context }, to) };
}
