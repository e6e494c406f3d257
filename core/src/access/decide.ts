import { matchesPattern } from './patterns.ts';
import type { AccessDecision, AccessRequest, Policy, Subject } from './types.ts';

/**
 * Whether a subject may do something: a denial beats every permission, and what no policy permits is denied. Pure, so
 * that the same answer can be explained.
 */
export function decideAccess(subject: Subject, request: AccessRequest, policies: readonly Policy[]): AccessDecision {
  const matching = policies
    .filter((policy) => speaksOf(policy, subject, request))
    .sort((a, b) => Number(b.effect === 'deny') - Number(a.effect === 'deny'));
  const { onlyActions } = subject;
  if (onlyActions && !matchesAny(onlyActions, request.actions)) return { allowed: false, tokenBound: true, matching };
  const by = matching[0];
  return { allowed: by?.effect === 'allow', by, matching };
}

function speaksOf(policy: Policy, subject: Subject, { actions, resource }: AccessRequest): boolean {
  const reaches = policy.tenant === '*' || resource.startsWith(`tenant/${policy.tenant}/`);
  return (
    // What a tenant's own administrators write must not reach into the hub or another tenant; a built-in role of a
    // tenant names the few things of the hub that it needs itself (see roles.ts).
    (reaches || policy.id.startsWith('role:')) &&
    policy.principals.some((principal) => principal === '*' || subject.principals.includes(principal)) &&
    matchesAny(policy.actions, actions) &&
    matchesAny(policy.resources, [resource])
  );
}

const matchesAny = (patterns: readonly string[], names: readonly string[]) =>
  patterns.some((pattern) => names.some((name) => matchesPattern(pattern, name)));
