import { eq } from 'drizzle-orm';
import type { Policy } from '../access/index.ts';
import { guarded } from '../store/errors.ts';
import type { Store } from '../store/index.ts';
import { users } from '../store/schema.ts';
import { createFresh } from './fresh.ts';
import type { UserRecord } from './types.ts';
import { loadPolicies, policiesOf, principalsOf, rolesOf, toRecord } from './user-rows.ts';

/** Somebody with all that policies say of it. */
export interface KnownSubject {
  user: UserRecord;
  /** `user:ID` and `role:NAME@TENANT`. */
  principals: string[];
  /** Those of its roles, and those that were written and name it. */
  policies: Policy[];
}

/** Who may what, at most five seconds behind a change made elsewhere. */
export interface Subjects {
  /** Undefined for a user that is gone or disabled. */
  of(userId: string): Promise<KnownSubject | undefined>;
  forget(): void;
}

export function createSubjects({ db }: Store, now: () => number): Subjects {
  const people = createFresh<{ user?: UserRecord | undefined }>(now);
  const written = createFresh<Policy[]>(now);

  const load = (userId: string) =>
    guarded('reading a user', async () => {
      const [row] = await db.select().from(users).where(eq(users.id, userId)).limit(1);
      return { user: row && toRecord(row, (await rolesOf(db, [row.id])).get(row.id) ?? []) };
    });

  return {
    async of(userId) {
      const { user } = await people.get(userId, () => load(userId));
      if (!user || user.disabled) return undefined;
      const all = await written.get('', () => guarded('reading the policies', () => loadPolicies(db)));
      const principals = principalsOf(user.id, user.roles);
      return { user, principals, policies: policiesOf(principals, user.roles, all) };
    },
    forget() {
      people.clear();
      written.clear();
    },
  };
}
