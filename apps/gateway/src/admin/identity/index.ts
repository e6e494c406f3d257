import type { AdminRoute } from '../http/route.ts';
import { accessRoutes } from './access-routes.ts';
import { authRoutes } from './auth-routes.ts';
import type { IdentityRoutesDeps } from './deps.ts';
import { meRoutes } from './me-routes.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { ownAccessRoutes } from './own-access-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { userAccountRoutes } from './user-account-routes.ts';
import { userRoutes } from './user-routes.ts';

export { type AdminAuthenticateDeps, createAdminAuthenticate } from './authenticate.ts';
export type { IdentityRoutesDeps } from './deps.ts';

/** Every endpoint about who people are and what they may. */
export function identityRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  return [
    ...authRoutes(deps),
    ...oidcRoutes(deps),
    ...meRoutes(deps),
    ...ownAccessRoutes(deps),
    ...userRoutes(deps),
    ...userAccountRoutes(deps),
    ...policyRoutes(deps),
    ...accessRoutes(deps),
  ];
}
