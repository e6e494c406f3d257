export { decideAccess, matchesPattern } from './decide.ts';
export { ROLE_ACTIONS, ROLES, type RoleName, rolePolicies, rolePrincipal } from './roles.ts';
export type * from './types.ts';
