import { and, eq } from 'drizzle-orm';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { users } from '../store/schema.ts';
import { lockMsAfter } from './lock.ts';
import { tooMany } from './throttle.ts';
import type { UserRow } from './user-rows.ts';

/** How often an attempt that somebody else's attempt got in the way of is begun anew. */
const TRIES = 5;

/**
 * Counts an attempt against a user before the password is looked at, and returns the user; undefined when there is
 * none. Does the same work for names that do not exist.
 *
 * @throws ParleyError `rate_limited` while the user is locked
 */
export function countAttempt({ db }: Store, username: string, now: () => number): Promise<UserRow | undefined> {
  return guarded('counting an attempt to sign in', async () => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const [row] = await db.select().from(users).where(eq(users.username, username)).limit(1);
      const lockedMs = (row?.lockedUntil?.getTime() ?? 0) - now();
      if (lockedMs > 0) throw tooMany(lockedMs);
      const failedAttempts = row?.failedAttempts ?? 0;
      const lockMs = lockMsAfter(failedAttempts + 1);
      const lockedUntil = lockMs > 0 ? new Date(now() + lockMs) : null;
      const counted = await db
        .update(users)
        .set({ failedAttempts: failedAttempts + 1, lockedUntil })
        .where(and(eq(users.username, username), eq(users.failedAttempts, failedAttempts)))
        .returning();
      if (!row) return undefined;
      if (counted[0]) return counted[0];
    }
    throw tooMany(1000);
  });
}

/** The user of a name, without counting anything. */
export function findUser({ db }: Store, username: string): Promise<UserRow | undefined> {
  return guarded('looking up a user', async () => {
    const [row] = await db.select().from(users).where(eq(users.username, username)).limit(1);
    return row;
  });
}

/**
 * What follows a right password, in one transaction with what it opens: nothing when the user was disabled or the
 * password changed while it was being looked at.
 */
export async function noteSuccess(
  tx: Db,
  { id, passwordHash }: UserRow,
  change: { upgraded?: string | undefined; lastLoginAt?: Date; unlock: boolean },
): Promise<boolean> {
  const { upgraded, lastLoginAt, unlock } = change;
  const updated = await tx
    .update(users)
    .set({
      // One column at least: the condition below has to be asked in any case.
      passwordHash: upgraded ?? passwordHash,
      ...(unlock && { failedAttempts: 0, lockedUntil: null }),
      ...(lastLoginAt && { lastLoginAt }),
    })
    .where(and(eq(users.id, id), eq(users.disabled, false), eq(users.passwordHash, passwordHash ?? '')))
    .returning({ id: users.id });
  return updated.length > 0;
}
