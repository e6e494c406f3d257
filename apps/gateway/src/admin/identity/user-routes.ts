import { ParleyError } from '@parley/core/errors';
import { assertMayGive, assertMayManage, assertPassword, generatePassword, rolesAfter } from '@parley/core/identity';
import { z } from 'zod';
import { decodeCursor, pageOf, pageQuery, toPage } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import type { IdentityRoutesDeps } from './deps.ts';
import {
  emailSchema,
  nameSchema,
  passwordSchema,
  type RoleBody,
  rolesSchema,
  sameRole,
  usernameSchema,
  userSchema,
  userState,
  userView,
} from './schemas.ts';
import { authorityOf, findVisible, readable, seesRolesIn } from './visible.ts';

const tag = 'Users';
const read = { action: 'user:read', scope: 'any', tag } as const;
const write = { action: 'user:write', scope: 'any', tag } as const;
const idParams = z.object({ id: z.string().max(64) });

/** People who may use the console, and their roles. */
export function userRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  const { identity } = deps;
  const { users } = identity;
  return [
    route({
      ...read,
      method: 'GET',
      path: '/users',
      summary: 'The users one may see',
      query: z.object(pageQuery),
      response: pageOf(userSchema),
      async handle(input) {
        const { limit, cursor } = input.query;
        const after = decodeCursor(cursor, z.string());
        const rows = await users.list({ tenants: readable(deps, input, 'user:read'), limit: limit + 1, after });
        return toPage(
          rows,
          limit,
          ({ username }) => username,
          (user) => userView(user, seesRolesIn(input)),
        );
      },
    }),

    route({
      ...write,
      method: 'POST',
      path: '/users',
      summary: 'Add a user; a generated password is shown once',
      idempotent: true,
      body: z.strictObject({
        username: usernameSchema,
        name: nameSchema.optional(),
        email: emailSchema.optional(),
        password: passwordSchema.optional(),
        roles: rolesSchema,
      }),
      response: userSchema.extend({ initial_password: z.string().optional() }),
      status: 201,
      async handle(input) {
        const { username, name, email, password, roles } = input.body;
        assertKnownTenants(deps, roles);
        // Somebody without any role belongs to the hub.
        if (roles.length === 0) input.require('*', 'user:write');
        assertMayGive(authorityOf(input), roles);
        if (password !== undefined) assertPassword(password, username);
        const chosen = password ?? generatePassword();
        const passwordHash = await identity.passwords.hash(chosen);
        // Whoever adds somebody knows the password: it lasts until the first sign-in.
        const user = await users.create({ username, name, email, roles, passwordHash, mustChangePassword: true });
        input.note({ id: user.id, username, roles });
        input.tag(userState(user));
        const view = userView(user, seesRolesIn(input));
        return password === undefined ? { ...view, initial_password: chosen } : view;
      },
    }),

    route({
      ...read,
      method: 'GET',
      path: '/users/:id',
      summary: 'One user',
      params: idParams,
      response: userSchema,
      async handle(input) {
        const user = await findVisible(deps, input, input.params.id);
        input.tag(userState(user));
        return userView(user, seesRolesIn(input));
      },
    }),

    route({
      ...write,
      method: 'PATCH',
      path: '/users/:id',
      summary: 'Change a user; `roles` replaces those in the places one manages',
      params: idParams,
      conditional: true,
      body: z.strictObject({
        name: nameSchema.optional(),
        email: emailSchema.optional(),
        disabled: z.boolean().optional(),
        roles: rolesSchema.optional(),
      }),
      response: userSchema,
      async handle(input) {
        const { params, body } = input;
        const authority = authorityOf(input);
        await findVisible(deps, input, params.id);
        const { roles: wanted, ...profile } = body;
        const { before, after } = await users.change(params.id, (current, written) => {
          input.assertUnchanged(userState(current));
          if (Object.keys(profile).length > 0) assertMayManage(authority, current, written);
          if (!wanted) return profile;
          assertKnownTenants(
            deps,
            wanted.filter((one) => !current.roles.some((had) => sameRole(had, one))),
          );
          return { ...profile, roles: rolesAfter(authority, current.roles, wanted) };
        });
        input.note({ username: after.username, fields: Object.keys(body), before: before.roles, after: after.roles });
        input.tag(userState(after));
        return userView(after, seesRolesIn(input));
      },
    }),

    route({
      ...write,
      method: 'DELETE',
      path: '/users/:id',
      summary: 'Remove a user with all their sessions and tokens',
      params: idParams,
      conditional: true,
      status: 204,
      async handle(input) {
        const { params } = input;
        await findVisible(deps, input, params.id);
        const gone = await users.remove(params.id, (current, written) => {
          input.assertUnchanged(userState(current));
          assertMayManage(authorityOf(input), current, written);
        });
        input.note({ username: gone.username, roles: gone.roles });
        return undefined;
      },
    }),
  ];
}

function assertKnownTenants({ tenants }: IdentityRoutesDeps, roles: RoleBody): void {
  const known = new Set(['*', ...tenants().map(({ id }) => id)]);
  const fields = roles.flatMap(({ tenant }, index) =>
    known.has(tenant) ? [] : [{ path: `roles.${index}.tenant`, message: 'there is no such tenant' }],
  );
  if (fields.length > 0) {
    throw new ParleyError('invalid_request', 'roles: there is no such tenant', { fields });
  }
}
