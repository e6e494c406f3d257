import { ParleyError } from '@parley/core/errors';
import { assertMayManage, generatePassword } from '@parley/core/identity';
import { z } from 'zod';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import type { IdentityRoutesDeps } from './deps.ts';
import { authorityOf, findVisible } from './visible.ts';

const write = { action: 'user:write', scope: 'any', tag: 'Users' } as const;
const params = z.object({ id: z.string().max(64) });

/** What an administrator does for somebody who cannot get in, or should be out. */
export function userAccountRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  const { identity } = deps;
  const { users } = identity;
  return [
    route({
      ...write,
      method: 'POST',
      path: '/users/:id/reset-password',
      summary: 'A new password, shown once; sessions and tokens end',
      params,
      response: z.object({ initial_password: z.string() }),
      async handle(input) {
        assertSomebodyElse(input, input.params.id, 'PUT /api/admin/me/password');
        const authority = authorityOf(input);
        await findVisible(deps, input, input.params.id);
        const chosen = generatePassword();
        const hash = await identity.passwords.hash(chosen);
        const { after } = await users.change(input.params.id, (current, written) => {
          assertMayManage(authority, current, written);
          if (!current.hasPassword) {
            throw new ParleyError('conflict', 'This user signs in through the identity provider');
          }
          // Resetting means that somebody else may have had it.
          const password = { hash, mustChange: true };
          return { password, unlock: true, endSessions: 'all', revokeTokens: true };
        });
        await identity.throttle.forgetName(after.username);
        input.note({ username: after.username, did: 'reset-password' });
        return { initial_password: chosen };
      },
    }),

    route({
      ...write,
      method: 'DELETE',
      path: '/users/:id/sessions',
      summary: 'Sign a user out everywhere',
      params,
      status: 204,
      async handle(input) {
        await changeAccount(input, input.params.id, 'end-sessions', { endSessions: 'all' });
      },
    }),

    route({
      ...write,
      method: 'DELETE',
      path: '/users/:id/totp',
      summary: 'Turn a user’s second factor off; sessions end',
      params,
      status: 204,
      async handle(input) {
        assertSomebodyElse(input, input.params.id, 'DELETE /api/admin/me/totp');
        await changeAccount(input, input.params.id, 'remove-totp', { removeTotp: true, endSessions: 'all' });
      },
    }),

    route({
      ...write,
      method: 'POST',
      path: '/users/:id/unlock',
      summary: 'Let a locked user try again at once',
      params,
      status: 204,
      async handle(input) {
        const user = await changeAccount(input, input.params.id, 'unlock', { unlock: true });
        await identity.throttle.forgetName(user.username);
      },
    }),
  ];

  async function changeAccount(
    input: RouteContext,
    id: string,
    did: string,
    change: { endSessions?: 'all'; removeTotp?: true; unlock?: true },
  ) {
    const authority = authorityOf(input);
    await findVisible(deps, input, id);
    const { after } = await users.change(id, (current, written) => {
      assertMayManage(authority, current, written);
      return change;
    });
    input.note({ username: after.username, did });
    return after;
  }
}

/** Whoever finds an open browser must not get around knowing the password. */
function assertSomebodyElse({ actor }: RouteContext, id: string, instead: string): void {
  if (actor.id === id) throw new ParleyError('forbidden', `For your own account use ${instead}`);
}
