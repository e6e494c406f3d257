import { covers, overlaps } from './patterns.ts';
import type { Policy, Subject } from './types.ts';

/** The first thing that a policy would allow although its giver may not do it. */
export interface Excess {
  action: string;
  resource: string;
}

/**
 * What is too much to give: nobody grants more than they have. Undefined when everything that the policies allow is
 * allowed to the giver. Cautious: what cannot be shown to be allowed counts as too much.
 *
 * @param policies those that speak of the giver (others do no harm)
 */
export function excessOf(giver: Subject, policies: readonly Policy[], granted: readonly Policy[]): Excess | undefined {
  const own = policies.filter(({ principals }) => principals.some((one) => speaksOf(giver, one)));
  for (const policy of granted) {
    if (policy.effect === 'deny') continue;
    // A denial that those who get it are under as well takes from it whatever it takes from the giver.
    const denials = own.filter((one) => one.effect === 'deny' && !bindsAll(one, policy.principals));
    for (const action of policy.actions) {
      for (const resource of policy.resources.filter((one) => reaches(policy, one))) {
        const has = own.some((one) => one.effect === 'allow' && allows(one, action, resource));
        const isBound = giver.onlyActions && !giver.onlyActions.some((pattern) => covers(pattern, action));
        if (!has || isBound || denials.some((one) => touches(one, action, resource))) return { action, resource };
      }
    }
  }
  return undefined;
}

const speaksOf = ({ principals }: Subject, principal: string) => principal === '*' || principals.includes(principal);

const bindsAll = (denial: Policy, principals: readonly string[]) =>
  denial.principals.includes('*') || principals.every((one) => denial.principals.includes(one));

/** A tenant's own policy reaches no further than the tenant; built-in roles say themselves where they reach. */
const isBounded = ({ id, tenant }: Policy) => tenant !== '*' && !id.startsWith('role:');
const reaches = (policy: Policy, resource: string) =>
  !isBounded(policy) || overlaps(resource, `tenant/${policy.tenant}/*`);

function allows(policy: Policy, action: string, resource: string): boolean {
  return (
    (!isBounded(policy) || resource.startsWith(`tenant/${policy.tenant}/`)) &&
    policy.actions.some((pattern) => covers(pattern, action)) &&
    policy.resources.some((pattern) => covers(pattern, resource))
  );
}

function touches({ actions, resources }: Policy, action: string, resource: string): boolean {
  return (
    actions.some((pattern) => overlaps(pattern, action) || overlaps(allOfKind(pattern), allOfKind(action))) &&
    resources.some((pattern) => overlaps(pattern, resource))
  );
}

/** `put:channel` and `channel:write` are two names of one thing: a name by method counts as all that concerns the kind. */
function allOfKind(action: string): string {
  const [, kind] = /^(?:get|post|put|patch|delete):(.*)$/.exec(action) ?? [];
  return kind === undefined ? action : `${kind}:*`;
}
