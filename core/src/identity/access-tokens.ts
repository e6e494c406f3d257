import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { and, count, desc, eq, gt, isNull, or } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Store } from '../store/index.ts';
import { accessTokens } from '../store/schema.ts';
import { createFresh } from './fresh.ts';
import type { AccessToken } from './types.ts';
import { lockIdentity } from './user-rows.ts';

const PREFIX = 'pat_';
/** Enough for people to recognise a token by. */
const SHOWN = 12;
const TOUCH_EVERY_MS = 60_000;
/** Tokens of one person that work. */
export const MAX_TOKENS = 50;

export interface NewAccessToken {
  user: string;
  name: string;
  actions: readonly string[] | null;
  expiresAt: Date | null;
}

/** Personal access tokens: `pat_` and 256 bits; only a hash is stored. */
export interface AccessTokens {
  /** The token is told here and never again. @throws ParleyError `conflict` when there are too many */
  create(token: NewAccessToken): Promise<{ token: string; record: AccessToken }>;
  /** A token that works, at most five seconds behind its revocation. */
  find(token: string): Promise<AccessToken | undefined>;
  /** The newest first, ended ones too. */
  list(user: string): Promise<AccessToken[]>;
  /** Whether there was such a token of this user that worked. */
  revoke(user: string, id: string): Promise<boolean>;
  /** Forgets what was read. */
  forget(): void;
}

type TokenRow = typeof accessTokens.$inferSelect;

export function createAccessTokens({ db }: Store, now: () => number): AccessTokens {
  const fresh = createFresh<{ row?: TokenRow | undefined }>(now);

  async function touch(row: TokenRow): Promise<void> {
    if (row.lastUsedAt && now() - row.lastUsedAt.getTime() < TOUCH_EVERY_MS) return;
    row.lastUsedAt = new Date(now());
    const { id, lastUsedAt } = row;
    await guarded('noting the use of a token', async () => {
      await db.update(accessTokens).set({ lastUsedAt }).where(eq(accessTokens.id, id));
    });
  }

  return {
    async create({ user, name, actions, expiresAt }) {
      const token = PREFIX + randomBytes(32).toString('base64url');
      const row: TokenRow = {
        id: randomUUID(),
        user,
        name,
        prefix: token.slice(0, SHOWN),
        hash: hashOf(token),
        actions: actions && [...actions],
        createdAt: new Date(now()),
        expiresAt,
        lastUsedAt: null,
        revokedAt: null,
      };
      await guarded('adding a token', () =>
        db.transaction(async (tx) => {
          await lockIdentity(tx);
          const notOver = or(isNull(accessTokens.expiresAt), gt(accessTokens.expiresAt, new Date(now())));
          const working = and(eq(accessTokens.user, user), isNull(accessTokens.revokedAt), notOver);
          const [all] = await tx.select({ number: count() }).from(accessTokens).where(working);
          if ((all?.number ?? 0) >= MAX_TOKENS) {
            throw new ParleyError('conflict', `You have ${MAX_TOKENS} tokens: revoke one first`);
          }
          await tx.insert(accessTokens).values(row);
        }),
      );
      return { token, record: toRecord(row) };
    },

    async find(token) {
      if (!isAccessToken(token)) return undefined;
      const hash = hashOf(token);
      const { row } = await fresh.get(hash, async () => {
        const [row] = await guarded('looking up a token', () =>
          db.select().from(accessTokens).where(eq(accessTokens.hash, hash)).limit(1),
        );
        return { row };
      });
      if (!row || row.revokedAt || (row.expiresAt && row.expiresAt.getTime() <= now())) return undefined;
      await touch(row);
      return toRecord(row);
    },

    list: (user) =>
      guarded('listing tokens', async () => {
        const rows = await db
          .select()
          .from(accessTokens)
          .where(eq(accessTokens.user, user))
          .orderBy(desc(accessTokens.createdAt))
          .limit(MAX_LISTED);
        return rows.map(toRecord);
      }),

    async revoke(user, id) {
      const mine = and(eq(accessTokens.user, user), eq(accessTokens.id, id), isNull(accessTokens.revokedAt));
      const revoked = await guarded('revoking a token', () =>
        db
          .update(accessTokens)
          .set({ revokedAt: new Date(now()) })
          .where(mine)
          .returning({ id: accessTokens.id }),
      );
      fresh.clear();
      return revoked.length > 0;
    },

    forget: () => fresh.clear(),
  };
}

const MAX_LISTED = 500;

export const isAccessToken = (token: string): boolean => /^pat_[\w-]{43}$/.test(token);
/** 256 bits of chance need no slow hash. */
const hashOf = (token: string) => createHash('sha256').update(`parley access token\0${token}`).digest('hex');

function toRecord({ hash: _, ...record }: TokenRow): AccessToken {
  return record;
}
