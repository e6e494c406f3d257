import type { Policy } from './types.ts';

/** The built-in roles, from the most to the least that they may. A person has each for one tenant or for all (`*`). */
export const ROLES = ['owner', 'admin', 'operator', 'viewer'] as const;
export type RoleName = (typeof ROLES)[number];

const WATCH = [
  'overview',
  'tenant',
  'channel',
  'model',
  'rule',
  'guard',
  'conversation',
  'turn',
  'dead_letter',
  'usage',
  'quota',
].map((kind) => `${kind}:read`);
const OPERATE = [
  'channel:test',
  'model:test',
  'conversation:write',
  'turn:write',
  'dead_letter:write',
  'playground:use',
  'sandbox:use',
];
const MANAGE = [
  '*:read',
  ...['tenant', 'channel', 'model', 'rule', 'guard', 'quota', 'api_key', 'config', 'settings'].map(
    (kind) => `${kind}:write`,
  ),
];

/** What each role may do; `docs/console-security.md` shows it as a table. */
export const ROLE_ACTIONS: Readonly<Record<RoleName, readonly string[]>> = {
  owner: ['*'],
  admin: [...MANAGE, ...OPERATE],
  operator: [...WATCH, ...OPERATE, 'api_key:read'],
  viewer: WATCH,
};

/** What somebody of one tenant needs to see of what all tenants share: which models there are, and how they do. */
const OF_THE_HUB = ['hub/model/*', 'hub/overview/*'];

export const rolePrincipal = (role: string, tenant: string): string => `role:${role}@${tenant}`;

/** The policies that a role in a tenant stands for. */
export function rolePolicies(role: RoleName, tenant: string): Policy[] {
  const base = { tenant, effect: 'allow' as const, principals: [rolePrincipal(role, tenant)] };
  const own: Policy = {
    ...base,
    id: `role:${role}@${tenant}`,
    name: `${role} of ${tenant === '*' ? 'the hub' : tenant}`,
    actions: ROLE_ACTIONS[role],
    resources: [tenant === '*' ? '*' : `tenant/${tenant}/*`],
  };
  if (tenant === '*') return [own];
  const shared: Policy = {
    ...base,
    id: `role:${role}@${tenant}:shared`,
    name: `${role} of ${tenant}, what all tenants share`,
    actions: ['model:read', 'overview:read'],
    resources: OF_THE_HUB,
  };
  return [own, shared];
}
