import { asc, eq, inArray, sql } from 'drizzle-orm';
import { decideAccess, type Policy, ROLES, type RoleName, rolePolicies, rolePrincipal } from '../access/index.ts';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Db } from '../store/index.ts';
import { IDENTITY_LOCK } from '../store/locks.ts';
import { policies, userRoles, users } from '../store/schema.ts';
import type { RoleGrant, UserRecord } from './types.ts';

/** A user as stored, secrets included: does not leave this folder. */
export type UserRow = typeof users.$inferSelect;

/**
 * Changes somebody's access: one change at a time over all processes, and none that leaves the hub without anybody who
 * can manage it.
 *
 * @throws ParleyError `conflict` when it would
 */
export function changeAccess<T>(db: Db, what: string, work: (tx: Db) => Promise<T>): Promise<T> {
  return guarded(what, () =>
    db.transaction(async (tx) => {
      await lockIdentity(tx);
      const result = await work(tx);
      await assertSomebodyManages(tx);
      return result;
    }),
  );
}

/** Needs a transaction, and holds until its end. */
export async function lockIdentity(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${IDENTITY_LOCK})`);
}

export async function rolesOf(db: Db, userIds: readonly string[]): Promise<Map<string, RoleGrant[]>> {
  const found = new Map<string, RoleGrant[]>(userIds.map((id) => [id, []]));
  if (userIds.length === 0) return found;
  const rows = await db
    .select()
    .from(userRoles)
    .where(inArray(userRoles.user, [...userIds]))
    .orderBy(asc(userRoles.tenant), asc(userRoles.role));
  for (const { user, tenant, role } of rows) {
    // A role that this version does not know gives nothing.
    if (isRole(role)) found.get(user)?.push({ tenant, role });
  }
  return found;
}

export function toRecord(row: UserRow, roles: RoleGrant[]): UserRecord {
  const { id, username, name, email, disabled, mustChangePassword, lockedUntil, lastLoginAt, createdAt } = row;
  return {
    id,
    username,
    name,
    email,
    disabled,
    hasPassword: row.passwordHash !== null,
    mustChangePassword,
    totpEnabled: row.totpConfirmed,
    lockedUntil,
    lastLoginAt,
    createdAt,
    roles,
  };
}

export async function loadPolicies(db: Db): Promise<Policy[]> {
  const rows = await db.select().from(policies).orderBy(asc(policies.createdAt), asc(policies.id));
  return rows.map(({ createdAt: _, updatedAt: __, ...policy }) => policy);
}

/** What policies call somebody. */
export const principalsOf = (userId: string, roles: readonly RoleGrant[]): string[] => [
  `user:${userId}`,
  ...roles.map(({ role, tenant }) => rolePrincipal(role, tenant)),
];

/** The policies that speak of somebody: of its roles, and those of all that were written which name it. */
export function policiesOf(principals: readonly string[], roles: readonly RoleGrant[], written: readonly Policy[]) {
  const named = written.filter((policy) => policy.principals.some((one) => one === '*' || principals.includes(one)));
  return [...roles.flatMap(({ role, tenant }) => rolePolicies(role, tenant)), ...named];
}

async function assertSomebodyManages(tx: Db): Promise<void> {
  const owners = await tx
    .selectDistinct({ id: users.id })
    .from(users)
    .innerJoin(userRoles, eq(userRoles.user, users.id))
    .where(sql`not ${users.disabled} and ${userRoles.role} = 'owner' and ${userRoles.tenant} = '*'`);
  const written = await loadPolicies(tx);
  const roles = await rolesOf(
    tx,
    owners.map(({ id }) => id),
  );
  const manages = [...roles].some(([id, granted]) => {
    const principals = principalsOf(id, granted);
    const own = policiesOf(principals, granted, written);
    const may = (action: string, resource: string) =>
      decideAccess({ principals }, { actions: [action], resource }, own).allowed;
    return may('user:write', 'hub/user/-') && may('policy:write', 'hub/policy/-');
  });
  if (manages) return;
  throw new ParleyError('conflict', 'The hub needs an owner who can sign in and manage users and policies');
}

const isRole = (role: string): role is RoleName => ROLES.some((known) => known === role);
