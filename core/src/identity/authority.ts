import { decideAccess, excessOf, type Policy, rolePolicies, rolePrincipal, type Subject } from '../access/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { RoleGrant, UserRecord } from './types.ts';
import { policiesOf, principalsOf } from './user-rows.ts';

/**
 * What somebody may give and take: nobody grants more than they have, and nobody gets hold of an account that may more
 * than their own. All of it pure; everything here throws ParleyError `forbidden` or returns.
 */
export interface Authority extends Subject {
  policies: readonly Policy[];
  may(tenant: string, action: string): boolean;
}

/** Whether these roles may be given to anybody: `user:write` in each place, and all that each role may. */
export function assertMayGive(giver: Authority, roles: readonly RoleGrant[]): void {
  for (const { tenant, role } of roles) {
    assertMay(giver, tenant, 'user:write');
    assertNoExcess(giver, rolePolicies(role, tenant), `the role ${role}@${tenant}`);
  }
}

/**
 * Whether an account may be managed: its password reset, its sessions ended, itself removed. The refusal does not say
 * what the account has elsewhere: that is nobody's business in another tenant.
 */
export function assertMayManage(giver: Authority, target: UserRecord, written: readonly Policy[]): void {
  const places = new Set(target.roles.map(({ tenant }) => tenant));
  const manages = [...(places.size > 0 ? places : ['*'])].every((tenant) => giver.may(tenant, 'user:write'));
  const principals = principalsOf(target.id, target.roles);
  const own = policiesOf(principals, target.roles, written).filter((policy) => !policy.principals.includes('*'));
  if (manages && !excessOf(giver, giver.policies, own)) return;
  throw forbidden(`${target.username} may do more than you manage yourself`);
}

/** The roles somebody has when `wanted` are set by someone who sees and manages only some places: the others stay. */
export function rolesAfter(giver: Authority, current: readonly RoleGrant[], wanted: readonly RoleGrant[]): RoleGrant[] {
  const elsewhere = current.filter(({ tenant }) => !giver.may(tenant, 'user:write'));
  const next = new Map([...elsewhere, ...wanted].map((one) => [rolePrincipal(one.role, one.tenant), one]));
  const had = new Set(current.map(({ role, tenant }) => rolePrincipal(role, tenant)));
  const added = [...next].filter(([principal]) => !had.has(principal)).map(([, one]) => one);
  // Sent back as it was seen a role elsewhere is no gift; one that cannot be seen is not to be found out by guessing.
  const unseen = wanted.filter(({ tenant }) => !giver.may(tenant, 'user:write') && !giver.may(tenant, 'user:read'));
  const removed = current.filter(({ role, tenant }) => !next.has(rolePrincipal(role, tenant)));
  // Taking is bound like giving: who may not make an owner may not unmake one.
  assertMayGive(giver, [...unseen, ...added, ...removed]);
  return [...next.values()];
}

/** Whether a policy may be put in force. @throws ParleyError `conflict` when its author would be locked out by it */
export function assertMayEnact(giver: Authority, policy: Policy, writtenAfter: readonly Policy[]): void {
  assertMay(giver, policy.tenant, 'policy:write');
  if (policy.effect === 'allow') {
    assertNoExcess(giver, [policy], 'this policy');
    return;
  }
  const roles = giver.policies.filter(({ id }) => id.startsWith('role:'));
  const after = [...roles, ...writtenAfter];
  const resource = policy.tenant === '*' ? 'hub/policy/-' : `tenant/${policy.tenant}/policy/-`;
  if (decideAccess(giver, { actions: ['policy:write'], resource }, after).allowed) return;
  throw new ParleyError('conflict', 'With this policy you could not change policies here any more');
}

/**
 * Whether a policy may be taken out of force. A denial keeps people from something: an owner of the place may always
 * take it back, somebody else only where it does not bind them and they may all that it denies.
 */
export function assertMayWithdraw(giver: Authority, policy: Policy): void {
  assertMay(giver, policy.tenant, 'policy:write');
  const owners = [rolePrincipal('owner', '*'), rolePrincipal('owner', policy.tenant)];
  if (policy.effect === 'allow' || owners.some((owner) => giver.principals.includes(owner))) return;
  const binds = policy.principals.some((one) => one === '*' || giver.principals.includes(one));
  if (binds) throw forbidden('this policy denies you something: only an owner can take it back');
  assertNoExcess(giver, [{ ...policy, effect: 'allow' }], 'what this policy denies');
}

function assertMay(giver: Authority, tenant: string, action: string): void {
  if (!giver.may(tenant, action))
    throw forbidden(`you lack ${action} ${tenant === '*' ? 'in the hub' : `in ${tenant}`}`);
}

function assertNoExcess(giver: Authority, granted: readonly Policy[], what: string): void {
  const excess = excessOf(giver, giver.policies, granted);
  if (!excess) return;
  throw forbidden(`${what} goes beyond what you may do yourself (${excess.action} on ${excess.resource})`);
}

const forbidden = (why: string) => new ParleyError('forbidden', `Not allowed: ${why}`);
