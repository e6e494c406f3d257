import { and, eq, isNotNull, like, sql } from 'drizzle-orm';
import { resealSecrets } from '../config-versions/secrets.ts';
import { reseal, type Sealer } from '../secrets/index.ts';
import { contentContext } from './content.ts';
import { guarded } from './errors.ts';
import { CONFIG_LOCK } from './locks.ts';
import { channelContext, entryDigest, modelContext, tenantContext, totpContext } from './mirror.ts';
import type { Db, Store } from './open.ts';
import { apiKeys, channels, configVersions, messages, models, signingKeys, tenants, users } from './schema.ts';

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
        return (
          rotated +
          (await rotateSigning(tx, from, to)) +
          (await rotateTotp(tx, from, to)) +
          (await rotateVersions(tx, from, to)) +
          (await rotateContent(tx, from, to))
        );
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

/** Messages in one go: they may be many, and each is small. */
const BATCH = 500;

async function rotateContent(tx: Db, from: Sealer, to: Sealer): Promise<number> {
  for (let rotated = 0; ; ) {
    const rows = await tx
      .select({
        id: messages.id,
        content: messages.content,
        tenant: messages.tenant,
        conversation: messages.conversation,
      })
      .from(messages)
      .where(like(messages.content, `v1.${from.keyId}.%`))
      .limit(BATCH);
    if (rows.length === 0 || from.keyId === to.keyId) return rotated;
    for (const { id, content, tenant, conversation } of rows) {
      const resealed = reseal(content, contentContext(tenant, conversation), from, to);
      await tx.update(messages).set({ content: resealed }).where(eq(messages.id, id));
    }
    rotated += rows.length;
  }
}

async function rotateTotp(tx: Db, from: Sealer, to: Sealer): Promise<number> {
  let rotated = 0;
  const rows = await tx
    .select({ id: users.id, sealed: users.sealedTotp })
    .from(users)
    .where(isNotNull(users.sealedTotp));
  for (const { id, sealed } of rows) {
    if (sealed === null) continue;
    const resealed = reseal(sealed, totpContext(id), from, to);
    if (resealed === sealed) continue;
    await tx.update(users).set({ sealedTotp: resealed }).where(eq(users.id, id));
    rotated += 1;
  }
  return rotated;
}

async function rotateSigning(tx: Db, from: Sealer, to: Sealer): Promise<number> {
  let rotated = 0;
  for (const { kid, sealed } of await tx.select().from(signingKeys)) {
    const resealed = reseal(sealed, `signing-key/${kid}`, from, to);
    if (resealed === sealed) continue;
    await tx.update(signingKeys).set({ sealed: resealed }).where(eq(signingKeys.kid, kid));
    rotated += 1;
  }
  for (const { tenant, id, sealedSigningSecret: sealed } of await tx.select().from(apiKeys)) {
    if (!sealed) continue;
    const resealed = reseal(sealed, `${tenant}/api-key/${id}`, from, to);
    await tx
      .update(apiKeys)
      .set({ sealedSigningSecret: resealed })
      .where(and(eq(apiKeys.tenant, tenant), eq(apiKeys.id, id)));
    rotated += resealed === sealed ? 0 : 1;
  }
  return rotated;
}

async function rotateVersions(tx: Db, from: Sealer, to: Sealer): Promise<number> {
  let rotated = 0;
  for (const { version, document } of await tx.select().from(configVersions)) {
    const { document: changed, resealed } = resealSecrets(document, (sealed, context) =>
      reseal(sealed, context, from, to),
    );
    if (resealed === 0) continue;
    await tx
      .update(configVersions)
      .set({ document: { ...changed } })
      .where(eq(configVersions.version, version));
    rotated += resealed;
  }
  return rotated;
}
