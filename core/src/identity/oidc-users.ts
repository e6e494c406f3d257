import { and, eq } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { users } from '../store/schema.ts';
import type { OidcIdentity } from './oidc-claims.ts';
import type { Sessions } from './sessions.ts';
import type { Caller, RoleGrant, Session } from './types.ts';
import { changeAccess, lockIdentity, rolesOf, type UserRow } from './user-rows.ts';
import { insertUser, writeRoles } from './users.ts';

export interface OidcUsersDeps {
  store: Store;
  sessions: Sessions;
  /** Called when somebody's roles changed. */
  onChange: () => void;
  now: () => number;
}

/** Begins a session for somebody whom the identity provider vouches for. @throws ParleyError `forbidden` */
export type OidcSignIn = (
  identity: OidcIdentity,
  caller: Caller,
) => Promise<{ user: string; username: string; cookie: string; session: Session }>;

/**
 * Users are found by issuer and subject and by nothing else: a name or an e-mail address of the provider never opens a
 * local account. Unknown ones are added. Where the provider's claims give the roles, they are what the claims say now.
 */
export function createOidcSignIn({ store, sessions, onChange, now }: OidcUsersDeps): OidcSignIn {
  const { db } = store;

  function findOrAdd(identity: OidcIdentity): Promise<UserRow> {
    const { issuer, subject } = identity;
    return guarded('finding a user of the identity provider', () =>
      db.transaction(async (tx) => {
        await lockIdentity(tx);
        const known = await find(tx, issuer, subject);
        if (known) return known;
        if (identity.roles?.length === 0) throw noRole();
        const username = await freeName(tx, identity.username);
        const { name, email } = identity;
        const oidc = { issuer, subject };
        await insertUser(
          tx,
          { username, name, email, passwordHash: null, mustChangePassword: false, roles: [], oidc },
          now(),
        );
        const added = await find(tx, issuer, subject);
        if (!added) throw new ParleyError('internal', 'a user was not written');
        return added;
      }),
    );
  }

  /** The claims decide, but never so that nobody could manage the hub any more. */
  async function takeOver({ id }: UserRow, roles: readonly RoleGrant[]): Promise<void> {
    const present = (await rolesOf(db, [id])).get(id) ?? [];
    if (sameRoles(present, roles)) return;
    await changeAccess(db, 'taking over roles', (tx) => writeRoles(tx, id, roles)).catch((error: unknown) => {
      if (!(error instanceof ParleyError && error.code === 'conflict')) throw error;
    });
    onChange();
  }

  return async (identity, caller) => {
    const user = await findOrAdd(identity);
    if (user.disabled) throw new ParleyError('forbidden', 'This user is disabled');
    if (identity.roles) await takeOver(user, identity.roles);
    if (identity.roles?.length === 0) {
      await sessions.endAll(user.id);
      throw noRole();
    }
    const begun = await guarded('signing in', () =>
      db.transaction(async (tx) => {
        const letIn = await tx
          .update(users)
          .set({ lastLoginAt: new Date(now()) })
          .where(and(eq(users.id, user.id), eq(users.disabled, false)))
          .returning({ id: users.id });
        if (letIn.length === 0) throw new ParleyError('forbidden', 'This user is disabled');
        return sessions.begin(tx, user.id, 'oidc', caller);
      }),
    );
    return { user: user.id, username: user.username, ...begun };
  };
}

const noRole = () => new ParleyError('forbidden', 'The identity provider gives you no role here');

async function find(tx: Db, issuer: string, subject: string): Promise<UserRow | undefined> {
  const [row] = await tx
    .select()
    .from(users)
    .where(and(eq(users.oidcIssuer, issuer), eq(users.oidcSubject, subject)));
  return row;
}

/** The wanted name, or with a number behind it. */
async function freeName(tx: Db, wanted: string): Promise<string> {
  for (let number = 1; number < 1_000; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.username, name));
    if (!taken) return name;
  }
  throw new ParleyError('conflict', 'There is no free user name');
}

const named = (roles: readonly RoleGrant[]) =>
  roles
    .map(({ role, tenant }) => `${role}@${tenant}`)
    .sort()
    .join();
const sameRoles = (a: readonly RoleGrant[], b: readonly RoleGrant[]) => named(a) === named(b);
