import { type AccessDecision, decideAccess } from '@parley/core/access';
import { ParleyError } from '@parley/core/errors';
import type { Actor, AdminRoute } from './route.ts';

/** What a policy sees: `tenant/acme/channel/acme-slack`; `*` for the hub itself: `hub/model/gpt-4o`. */
export function resourceOf(tenant: string, action: string, id = '-'): string {
  const [kind = ''] = action.split(':');
  return tenant === '*' ? `hub/${kind}/${id}` : `tenant/${tenant}/${kind}/${id}`;
}

/** Whether somebody may do an action with something; `method` lets policies speak of `get:channel` as well. */
export function decide(actor: Actor, method: string, action: string, tenant: string, id?: string): AccessDecision {
  const [kind = ''] = action.split(':');
  const request = { actions: [action, `${method.toLowerCase()}:${kind}`], resource: resourceOf(tenant, action, id) };
  return decideAccess(actor, request, actor.policies);
}

/** Whether somebody may do an action with anything at all: in the hub or in one of these tenants. */
export function mayAnywhere(actor: Actor, method: string, action: string, tenants: readonly string[]): boolean {
  return ['*', ...tenants].some((tenant) => decide(actor, method, action, tenant).allowed);
}

export const forbidden = (action: string) =>
  new ParleyError('forbidden', `You lack the permission ${action}; GET /api/admin/access/explain tells why`);

/** The id in the path by which policies may name a single thing. */
export function idOf(route: AdminRoute, params: unknown): string | undefined {
  const [kind = ''] = route.action.split(':');
  const value: unknown = Reflect.get(Object(params), kind) ?? Reflect.get(Object(params), 'id');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
