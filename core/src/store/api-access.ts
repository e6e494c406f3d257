import { and, eq, isNull, lt } from 'drizzle-orm';
import type { SigningKey, SigningKeyStore, StoredApiKey } from '../auth/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { guarded } from './errors.ts';
import type { Store } from './open.ts';
import { apiKeys, signingKeys } from './schema.ts';

/** The keys that sign tokens, private halves sealed. */
export function createSigningKeys({ db }: Store, sealer: Sealer): SigningKeyStore {
  const context = (kid: string) => `signing-key/${kid}`;
  return {
    list: () =>
      guarded('reading the signing keys', async () => {
        const rows = await db.select().from(signingKeys);
        return rows.map(
          ({ kid, publicJwk, sealed, createdAt, retiredAt }): SigningKey => ({
            kid,
            publicJwk,
            privateJwk: JSON.parse(sealer.open(sealed, context(kid))),
            createdAt: createdAt.getTime(),
            retiredAt: retiredAt?.getTime(),
          }),
        );
      }),
    rotate: ({ kid, publicJwk, privateJwk, createdAt }, now) =>
      guarded('changing the signing key', () =>
        db.transaction(async (tx) => {
          await tx
            .update(signingKeys)
            .set({ retiredAt: new Date(now) })
            .where(isNull(signingKeys.retiredAt));
          const sealed = sealer.seal(JSON.stringify(privateJwk), context(kid));
          const row = { kid, publicJwk: { ...publicJwk }, sealed, createdAt: new Date(createdAt) };
          await tx.insert(signingKeys).values(row);
        }),
      ),
    forget: (retiredBefore) =>
      guarded('forgetting signing keys', async () => {
        await db.delete(signingKeys).where(lt(signingKeys.retiredAt, new Date(retiredBefore)));
      }),
  };
}

/** An API key that was made at run time, with its signing secret opened; undefined when there is none. */
export function findApiKey(
  { db }: Store,
  sealer: Sealer,
  by: { hash: string } | { tenant: string; id: string },
): Promise<(StoredApiKey & { signingSecret?: string | undefined }) | undefined> {
  return guarded('looking up an API key', async () => {
    const where = 'hash' in by ? eq(apiKeys.hash, by.hash) : and(eq(apiKeys.tenant, by.tenant), eq(apiKeys.id, by.id));
    const [row] = await db.select().from(apiKeys).where(where).limit(1);
    if (!row) return undefined;
    const { sealedSigningSecret: sealed } = row;
    return {
      tenant: row.tenant,
      id: row.id,
      prefix: row.prefix,
      hash: row.hash,
      scopes: row.scopes as StoredApiKey['scopes'],
      limits: row.limits ?? undefined,
      createdAt: row.createdAt.getTime(),
      expiresAt: row.expiresAt?.getTime(),
      lastUsedAt: row.lastUsedAt?.getTime(),
      revokedAt: row.revokedAt?.getTime(),
      source: 'admin',
      ...(sealed ? { signingSecret: sealer.open(sealed, `${row.tenant}/api-key/${row.id}`) } : {}),
    };
  });
}

/** Notes that a stored key was used. */
export function touchApiKey({ db }: Store, tenant: string, id: string, now: number): Promise<void> {
  return guarded('noting the use of an API key', async () => {
    await db
      .update(apiKeys)
      .set({ lastUsedAt: new Date(now) })
      .where(and(eq(apiKeys.tenant, tenant), eq(apiKeys.id, id)));
  });
}
