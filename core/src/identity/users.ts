import { randomUUID } from 'node:crypto';
import { and, asc, count, eq, gt, inArray, isNull, ne, type SQL } from 'drizzle-orm';
import type { Policy } from '../access/index.ts';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Db, Store } from '../store/index.ts';
import { accessTokens, userRoles, userSessions, users } from '../store/schema.ts';
import type { RoleGrant, UserRecord } from './types.ts';
import { changeAccess, loadPolicies, rolesOf, toRecord, type UserRow } from './user-rows.ts';

export interface NewUser {
  username: string;
  name?: string | undefined;
  email?: string | null | undefined;
  passwordHash: string | null;
  mustChangePassword: boolean;
  roles: readonly RoleGrant[];
  oidc?: { issuer: string; subject: string } | undefined;
}

/** What to change of a user; what is left out stays. */
export interface UserChange {
  name?: string | undefined;
  email?: string | null | undefined;
  disabled?: boolean | undefined;
  /** All of them from now on. */
  roles?: readonly RoleGrant[] | undefined;
  password?: { hash: string; mustChange: boolean } | undefined;
  removeTotp?: true | undefined;
  unlock?: true | undefined;
  /** `all`, or all but the one with this public id. */
  endSessions?: 'all' | { except: string } | undefined;
  revokeTokens?: true | undefined;
}

/** Looks at the present state inside the transaction and says what to change. Must not touch the database. Throws to refuse. */
export type DecideChange = (current: UserRecord, written: readonly Policy[]) => UserChange;

export interface Users {
  /** By user name. `tenants`: only those with a role in one of these or in the hub (`*`), if it is among them. */
  list(page: { tenants: readonly string[] | 'all'; limit: number; after?: string | undefined }): Promise<UserRecord[]>;
  find(id: string): Promise<UserRecord | undefined>;
  findByName(username: string): Promise<UserRecord | undefined>;
  /** @throws ParleyError `conflict` when the name is taken or there are too many */
  create(user: NewUser): Promise<UserRecord>;
  /** @throws ParleyError `not_found`; `conflict` when nobody could manage the hub afterwards */
  change(id: string, decide: DecideChange): Promise<{ before: UserRecord; after: UserRecord }>;
  remove(id: string, check: (current: UserRecord, written: readonly Policy[]) => void): Promise<UserRecord>;
}

const MAX_USERS = 100_000;

/** @param onChange called after every change of somebody's access: what was read before is out of date */
export function createUsers({ db }: Store, onChange: () => void, now: () => number): Users {
  async function load(from: Db, where: SQL | undefined): Promise<UserRecord | undefined> {
    const [row] = await from.select().from(users).where(where).limit(1);
    return row && toRecord(row, (await rolesOf(from, [row.id])).get(row.id) ?? []);
  }

  const changing = <T>(what: string, work: (tx: Db) => Promise<T>) => changeAccess(db, what, work).finally(onChange);

  return {
    list: ({ tenants, limit, after }) =>
      guarded('listing users', async () => {
        const visible = db
          .select({ id: userRoles.user })
          .from(userRoles)
          .where(inArray(userRoles.tenant, tenants === 'all' ? [] : [...tenants]));
        const rows = await db
          .select()
          .from(users)
          .where(
            and(
              after === undefined ? undefined : gt(users.username, after),
              tenants === 'all' ? undefined : inArray(users.id, visible),
            ),
          )
          .orderBy(asc(users.username))
          .limit(limit);
        const ids = rows.map(({ id }) => id);
        const roles = await rolesOf(db, ids);
        return rows.map((row) => toRecord(row, roles.get(row.id) ?? []));
      }),

    find: (id) => guarded('reading a user', () => load(db, eq(users.id, id))),
    findByName: (username) => guarded('reading a user', () => load(db, eq(users.username, username))),

    create: (user) => changing('adding a user', (tx) => insertUser(tx, user, now())),

    change: (id, decide) =>
      changing('changing a user', async (tx) => {
        const before = await load(tx, eq(users.id, id));
        if (!before) throw notFound();
        await applyChange(tx, before, decide(before, await loadPolicies(tx)), now());
        const after = await load(tx, eq(users.id, id));
        return { before, after: after ?? before };
      }),

    remove: (id, check) =>
      changing('removing a user', async (tx) => {
        const current = await load(tx, eq(users.id, id));
        if (!current) throw notFound();
        check(current, await loadPolicies(tx));
        await tx.delete(users).where(eq(users.id, id));
        return current;
      }),
  };
}

const notFound = () => new ParleyError('not_found', 'There is no such user');

/** Needs a transaction that holds the identity lock. */
export async function insertUser(tx: Db, user: NewUser, now: number): Promise<UserRecord> {
  const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.username, user.username));
  if (taken) {
    const fields = [{ path: 'username', message: 'is taken' }];
    throw new ParleyError('conflict', 'username: is taken', { fields });
  }
  const [all] = await tx.select({ number: count() }).from(users);
  if ((all?.number ?? 0) >= MAX_USERS) throw new ParleyError('conflict', `There are ${MAX_USERS} users already`);
  const at = new Date(now);
  const row = {
    id: randomUUID(),
    username: user.username,
    name: user.name ?? '',
    email: user.email ?? null,
    passwordHash: user.passwordHash,
    mustChangePassword: user.mustChangePassword,
    oidcIssuer: user.oidc?.issuer ?? null,
    oidcSubject: user.oidc?.subject ?? null,
    createdAt: at,
    updatedAt: at,
  };
  const [inserted] = await tx.insert(users).values(row).returning();
  if (!inserted) throw new ParleyError('internal', 'a user was not written');
  await writeRoles(tx, row.id, user.roles);
  return toRecord(inserted, (await rolesOf(tx, [row.id])).get(row.id) ?? []);
}

export async function writeRoles(tx: Db, user: string, roles: readonly RoleGrant[]): Promise<void> {
  await tx.delete(userRoles).where(eq(userRoles.user, user));
  const unique = new Map(roles.map(({ tenant, role }) => [`${role}@${tenant}`, { user, tenant, role }]));
  if (unique.size > 0) await tx.insert(userRoles).values([...unique.values()]);
}

async function applyChange(tx: Db, { id, disabled }: UserRecord, change: UserChange, now: number): Promise<void> {
  const fields: Partial<UserRow> = { updatedAt: new Date(now) };
  if (change.name !== undefined) fields.name = change.name;
  if (change.email !== undefined) fields.email = change.email;
  if (change.disabled !== undefined) fields.disabled = change.disabled;
  if (change.password) {
    fields.passwordHash = change.password.hash;
    fields.mustChangePassword = change.password.mustChange;
  }
  if (change.removeTotp) {
    Object.assign(fields, { sealedTotp: null, totpConfirmed: false, totpLastStep: null, recoveryHashes: [] });
  }
  if (change.unlock) Object.assign(fields, { failedAttempts: 0, lockedUntil: null });
  await tx.update(users).set(fields).where(eq(users.id, id));
  if (change.roles) await writeRoles(tx, id, change.roles);
  // Whoever is locked out is out at once, not when the session runs out.
  const ending = change.endSessions ?? (change.disabled && !disabled ? 'all' : undefined);
  if (ending) await endSessionsOf(tx, id, ending === 'all' ? undefined : ending.except);
  if (change.revokeTokens) {
    await tx
      .update(accessTokens)
      .set({ revokedAt: new Date(now) })
      .where(and(eq(accessTokens.user, id), isNull(accessTokens.revokedAt)));
  }
}

async function endSessionsOf(tx: Db, user: string, except: string | undefined): Promise<void> {
  const kept = except === undefined ? undefined : ne(userSessions.publicId, except);
  await tx.delete(userSessions).where(and(eq(userSessions.user, user), kept));
}
