export { ACTIONS } from './actions.ts';
export { decideAccess } from './decide.ts';
export { type Excess, excessOf } from './grants.ts';
export { covers, matchesPattern, overlaps } from './patterns.ts';
export { ROLE_ACTIONS, ROLES, type RoleName, rolePolicies, rolePrincipal } from './roles.ts';
export type * from './types.ts';
