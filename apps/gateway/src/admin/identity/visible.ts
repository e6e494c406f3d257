import { ParleyError } from '@parley/core/errors';
import type { Authority, UserRecord } from '@parley/core/identity';
import type { RouteContext } from '../http/route.ts';
import type { IdentityRoutesDeps } from './deps.ts';

/** The tenants in which somebody may do something; `all` when it is in the hub. */
export function readable(
  { tenants }: IdentityRoutesDeps,
  { may }: RouteContext,
  action: string,
): 'all' | readonly string[] {
  if (may('*', action)) return 'all';
  return tenants()
    .map(({ id }) => id)
    .filter((tenant) => may(tenant, action));
}

/** Of somebody with roles in several tenants only those are shown that the reader may know of. */
export function seesRolesIn({ may }: RouteContext): (tenant: string) => boolean {
  return may('*', 'user:read') ? () => true : (tenant) => may(tenant, 'user:read');
}

/** @throws ParleyError `not_found` also for somebody who is none of the reader's business */
export async function findVisible(
  { identity }: IdentityRoutesDeps,
  input: RouteContext,
  id: string,
): Promise<UserRecord> {
  const user = await identity.users.find(id);
  const sees = seesRolesIn(input);
  if (user && (input.may('*', 'user:read') || user.roles.some(({ tenant }) => sees(tenant)))) return user;
  throw new ParleyError('not_found', 'There is no such user');
}

/** What somebody may give and take. */
export function authorityOf({ actor, may }: RouteContext): Authority {
  const { principals, policies, onlyActions } = actor;
  return { principals, policies, onlyActions, may: (tenant, action) => may(tenant, action) };
}
