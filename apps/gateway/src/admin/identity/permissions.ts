import { ACTIONS, type Policy } from '@parley/core/access';
import { decide } from '../http/access.ts';
import type { Actor } from '../http/route.ts';

/**
 * Where each action is allowed: `*` when it is in the hub and in every tenant, else the tenants by name. Tenants that no
 * policy tells apart are decided together: a hub may have thousands.
 */
export function permissionsOf(actor: Actor, tenants: readonly string[]): Record<string, string[]> {
  const own = actor.policies.filter(({ principals }) =>
    principals.some((one) => one === '*' || actor.principals.includes(one)),
  );
  const named = tenantsNamedIn(own);
  const isSpecial = (tenant: string) => named === undefined || named.has(tenant);
  const special = tenants.filter(isSpecial);
  const example = tenants.find((tenant) => !isSpecial(tenant));
  const subject = { ...actor, policies: own };
  const entries = ACTIONS.map((action) => {
    const verb = action.endsWith(':read') ? 'get' : 'post';
    const may = (tenant: string) => decide(subject, verb, action, tenant).allowed;
    const where = new Set(special.filter(may));
    const inOthers = example === undefined || may(example);
    if (inOthers && where.size === special.length && may('*')) return [action, ['*']] as const;
    return [action, tenants.filter((tenant) => where.has(tenant) || (inOthers && !isSpecial(tenant)))] as const;
  });
  return Object.fromEntries(entries.filter(([, where]) => where.length > 0));
}

/** The tenants that policies treat in a way of their own; undefined: a pattern may tell any of them apart. */
function tenantsNamedIn(policies: readonly Policy[]): Set<string> | undefined {
  const named = new Set<string>();
  for (const { tenant, resources } of policies) {
    if (tenant !== '*') {
      named.add(tenant);
      continue;
    }
    for (const resource of resources) {
      // Ids of tenants have no `/`: whatever follows `tenant/*/` says nothing of them.
      if (resource === '*' || resource.startsWith('hub/') || resource.startsWith('tenant/*/')) continue;
      const [, name] = /^tenant\/([^*/]+)\//.exec(resource) ?? [];
      if (name === undefined) return undefined;
      named.add(name);
    }
  }
  return named;
}
