import { ACTIONS, decideAccess, ROLE_ACTIONS, ROLES } from '@parley/core/access';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { type Actor, type AdminRoute, type RouteContext, route } from '../http/route.ts';
import type { IdentityRoutesDeps } from './deps.ts';
import { policyView } from './policy-routes.ts';
import { policySchema, userSchema } from './schemas.ts';
import { findVisible, seesRolesIn } from './visible.ts';

const tag = 'Access';

/** What the roles are, and why something is allowed or not. */
export function accessRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  return [
    route({
      method: 'GET',
      path: '/roles',
      action: 'self',
      tag,
      summary: 'The built-in roles and what they may do',
      response: z.object({
        items: z.array(z.object({ role: z.enum(ROLES), actions: z.array(z.string()) })),
        actions: z.array(z.string()).describe('Every action there is, in a settled order'),
      }),
      handle: () => ({
        items: ROLES.map((role) => ({ role, actions: [...ROLE_ACTIONS[role]] })),
        actions: [...ACTIONS],
      }),
    }),

    route({
      method: 'GET',
      path: '/access/explain',
      action: 'self',
      tag,
      summary: 'Why somebody may do something or not; without `user` about oneself',
      query: z.object({
        user: z.string().max(64).optional(),
        action: z.string().regex(/^[a-z_]+:[a-z_]+$/, 'expected an action such as channel:write'),
        resource: z
          .string()
          .max(200)
          .regex(/^(hub|tenant\/[\w.-]{1,64})\/[a-z_]+\/[^*\s]+$/, 'expected tenant/TENANT/KIND/ID or hub/KIND/ID'),
        method: z.enum(['get', 'post', 'put', 'patch', 'delete']).optional().describe('For policies such as get:*'),
      }),
      response: z.object({
        allowed: z.boolean(),
        token_bound: z.boolean().describe('The token’s own bound decided'),
        decided_by: policySchema.nullable(),
        matching: z.array(policySchema),
        roles: userSchema.shape.roles,
      }),
      async handle(input) {
        const { user, action, resource, method } = input.query;
        const [kind = ''] = action.split(':');
        const actions = method === undefined ? [action] : [action, `${method}:${kind}`];
        const subject =
          user === undefined || user === input.actor.id ? input.actor : await other(input, user, resource);
        const { policies, principals } = subject;
        const decision = decideAccess(subject, { actions, resource }, policies);
        return {
          allowed: decision.allowed,
          token_bound: decision.tokenBound === true,
          decided_by: decision.by ? policyView(decision.by) : null,
          matching: decision.matching.map(policyView),
          roles: principals
            .flatMap(roleOf)
            .filter(({ tenant }) => subject === input.actor || seesRolesIn(input)(tenant)),
        };
      },
    }),
  ];

  async function other(
    input: RouteContext,
    user: string,
    resource: string,
  ): Promise<Pick<Actor, 'principals' | 'policies' | 'onlyActions'>> {
    const [place, tenant = '*'] = resource.split('/');
    input.require(place === 'tenant' ? tenant : '*', 'policy:read');
    await findVisible(deps, input, user);
    const subject = await deps.identity.subjects.of(user);
    if (!subject) throw new ParleyError('not_found', 'There is no such user, or it is disabled');
    return subject;
  }
}

function roleOf(principal: string) {
  const [, name, tenant] = /^role:([a-z]+)@(.+)$/.exec(principal) ?? [];
  const role = ROLES.find((known) => known === name);
  return role && tenant ? [{ role, tenant }] : [];
}
