import { and, count, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { ApiScope, LimitWindows } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { guarded } from './errors.ts';
import { isAfter, type PageOptions } from './newest.ts';
import type { Store } from './open.ts';
import { apiKeys } from './schema.ts';

/** A key as people may see it. */
export type ApiKeyRow = Omit<typeof apiKeys.$inferSelect, 'hash' | 'sealedSigningSecret'>;

export interface NewStoredKey {
  tenant: string;
  id: string;
  name: string;
  createdBy: string;
  prefix: string;
  hash: string;
  scopes: readonly ApiScope[];
  limits?: LimitWindows | undefined;
  signingSecret?: string | undefined;
  createdAt: Date;
  expiresAt?: Date | undefined;
}

/** Keys of one tenant that are good; a script that makes keys in a loop is stopped here. */
const MAX_GOOD = 1_000;

const COLUMNS = {
  tenant: apiKeys.tenant,
  id: apiKeys.id,
  name: apiKeys.name,
  createdBy: apiKeys.createdBy,
  prefix: apiKeys.prefix,
  scopes: apiKeys.scopes,
  limits: apiKeys.limits,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  lastUsedAt: apiKeys.lastUsedAt,
  revokedAt: apiKeys.revokedAt,
};

/** Keeps a key, as its hash only. @throws ParleyError `conflict` when the tenant has too many */
export function createApiKey({ db }: Store, sealer: Sealer, key: NewStoredKey): Promise<ApiKeyRow> {
  return guarded('storing an API key', async () => {
    const { tenant, id, signingSecret, scopes, limits, expiresAt, ...rest } = key;
    const [good] = await db
      .select({ count: count() })
      .from(apiKeys)
      .where(and(eq(apiKeys.tenant, tenant), isNull(apiKeys.revokedAt)));
    if ((good?.count ?? 0) >= MAX_GOOD) {
      throw new ParleyError('conflict', `A tenant has at most ${MAX_GOOD} keys: revoke those that nobody uses`);
    }
    const sealedSigningSecret = signingSecret ? sealer.seal(signingSecret, `${tenant}/api-key/${id}`) : null;
    const values = { ...rest, tenant, id, scopes: [...scopes], limits: limits ? numbersOf(limits) : null };
    const [stored] = await db
      .insert(apiKeys)
      .values({ ...values, expiresAt: expiresAt ?? null, sealedSigningSecret })
      .returning(COLUMNS);
    if (!stored) throw new ParleyError('internal', 'the key was not stored');
    return stored;
  });
}

function numbersOf(limits: LimitWindows): Record<string, number> {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)) as Record<
    string,
    number
  >;
}

/** Keys of these tenants, newest first. */
export function listApiKeys(
  { db }: Store,
  tenants: readonly string[],
  { limit, after, prefix = '' }: PageOptions & { prefix?: string | undefined },
): Promise<ApiKeyRow[]> {
  return guarded('listing API keys', async () => {
    if (tenants.length === 0) return [];
    return db
      .select(COLUMNS)
      .from(apiKeys)
      .where(
        and(
          inArray(apiKeys.tenant, [...tenants]),
          sql`starts_with(${apiKeys.prefix}, ${prefix})`,
          isAfter(apiKeys.createdAt, apiKeys.id, after),
        ),
      )
      .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
      .limit(limit);
  });
}

/** Ends a key; it keeps the time of its first revocation. False: there is no such key. */
export function revokeApiKey({ db }: Store, tenant: string, id: string, now: number): Promise<boolean> {
  return guarded('revoking an API key', async () => {
    const ended = await db
      .update(apiKeys)
      .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${new Date(now).toISOString()}::timestamptz)` })
      .where(and(eq(apiKeys.tenant, tenant), eq(apiKeys.id, id)))
      .returning({ id: apiKeys.id });
    return ended.length > 0;
  });
}
