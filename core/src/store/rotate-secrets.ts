import { and, asc, eq, gt, isNotNull, like, not, sql } from 'drizzle-orm';
import { resealSecrets } from '../config-versions/secrets.ts';
import { reseal, type Sealer } from '../secrets/index.ts';
import { contentContext, isSealed } from './content.ts';
import { guarded } from './errors.ts';
import { CONFIG_LOCK } from './locks.ts';
import { channelContext, entryDigest, modelContext, tenantContext, totpContext } from './mirror.ts';
import type { Db, Store } from './open.ts';
import { apiKeys, channels, configVersions, messages, models, signingKeys, tenants, users } from './schema.ts';

/**
 * Puts every stored secret under a new master key, while the hub may go on working if it opens both. Credentials and the
 * like change in one transaction, all or none; what was said follows a few rows at a time. Rows that are under the new
 * key already stay as they are: after an interruption the same again goes on where it was. Returns how many secrets were
 * re-encrypted.
 *
 * @param from opens what is stored now
 */
export function rotateSecrets(store: Store, from: Sealer, to: Sealer): Promise<number> {
  return guarded('re-encrypting the secrets', () =>
    store.withoutLimits(async (db) => {
      const rotated = await db.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${CONFIG_LOCK})`);
        return (
          (await rotateMirror(tx, from, to)) +
          (await rotateSigning(tx, from, to)) +
          (await rotateTotp(tx, from, to)) +
          (await rotateVersions(tx, from, to))
        );
      });
      return rotated + (await rotateContent(db, from, to));
    }),
  );
}

async function rotateMirror(tx: Db, from: Sealer, to: Sealer): Promise<number> {
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

/** Each batch stands for itself: a transaction over all of them would hold the database's garbage for as long as it takes. */
async function rotateContent(db: Db, from: Sealer, to: Sealer): Promise<number> {
  const { id, content, tenant, conversation } = messages;
  const isUnderOther = and(like(content, 'v1.%'), not(like(content, `v1.${to.keyId}.%`)));
  for (let [rotated, last] = [0, 0]; ; ) {
    const rows = await db
      .select({ id, content, tenant, conversation })
      .from(messages)
      .where(and(gt(id, last), isUnderOther))
      .orderBy(asc(id))
      .limit(BATCH);
    const end = rows.at(-1);
    if (!end) return rotated;
    const changed = rows.flatMap((row) => {
      const context = contentContext(row.tenant, row.conversation);
      // What people wrote before content was encrypted may begin in the same way.
      return isSealed(row.content) ? { id: row.id, content: reseal(row.content, context, from, to) } : [];
    });
    await db.execute(sql`update ${messages} set content = n.content
      from json_to_recordset(${JSON.stringify(changed)}::json) as n(id bigint, content text) where ${id} = n.id`);
    rotated += changed.length;
    last = end.id;
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
    // Somebody may change theirs at this moment.
    await tx
      .update(users)
      .set({ sealedTotp: resealed })
      .where(and(eq(users.id, id), eq(users.sealedTotp, sealed)));
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
