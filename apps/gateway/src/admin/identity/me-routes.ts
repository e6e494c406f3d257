import { ParleyError } from '@parley/core/errors';
import { assertPassword } from '@parley/core/identity';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { assertSession, callerOf } from './auth-routes.ts';
import { type IdentityRoutesDeps, recordOwn } from './deps.ts';
import { meSchema, meView } from './me-view.ts';
import { emailSchema, nameSchema, passwordSchema } from './schemas.ts';

const tag = 'Own account';
const own = { action: 'self', tag, quiet: true } as const;

/** One's own account: who one is, name, password, second factor. */
export function meRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  const { identity } = deps;
  return [
    route({
      ...own,
      method: 'GET',
      path: '/me',
      summary: 'Who is signed in, and what they may do where',
      response: meSchema,
      handle: ({ actor, request }) => meView(deps, actor, request),
    }),

    route({
      ...own,
      method: 'PATCH',
      path: '/me',
      summary: 'Change one’s name or e-mail address',
      body: z.strictObject({ name: nameSchema.optional(), email: emailSchema.optional() }),
      response: meSchema,
      async handle(input) {
        assertSession(input);
        const { actor, body, request } = input;
        await identity.users.change(actor.id, () => body);
        await recordOwn(deps, input, 'me:profile', { fields: Object.keys(body) });
        return meView(deps, actor, request);
      },
    }),

    route({
      ...own,
      method: 'PUT',
      path: '/me/password',
      summary: 'Change one’s password; all other sessions end',
      body: z.strictObject({ current: passwordSchema, next: passwordSchema }),
      status: 204,
      async handle(input) {
        assertSession(input);
        const { actor, body, request } = input;
        const { username } = actor;
        assertPassword(body.next, username, 'next');
        await identity.signIn.confirmPassword({ username, password: body.current }, callerOf(request), 'current');
        if (body.next === body.current) {
          const fields = [{ path: 'next', message: 'is the present one' }];
          throw new ParleyError('invalid_request', 'next: is the present one', { fields });
        }
        const password = { hash: await identity.passwords.hash(body.next), mustChange: false };
        const endSessions = { except: actor.sessionId ?? '' };
        await identity.users.change(actor.id, () => ({ password, endSessions }));
        await recordOwn(deps, input, 'me:password');
        return undefined;
      },
    }),

    route({
      ...own,
      method: 'POST',
      path: '/me/totp',
      summary: 'Begin with a second factor; it counts once it is confirmed',
      response: z.object({ secret: z.string(), uri: z.string().describe('For the QR code') }),
      handle(input) {
        assertSession(input);
        return identity.secondFactor.begin(input.actor.id);
      },
    }),

    route({
      ...own,
      method: 'POST',
      path: '/me/totp/confirm',
      summary: 'Turn the second factor on; the recovery codes are shown once',
      body: z.strictObject({ code: z.string().min(1).max(64) }),
      response: z.object({ recovery_codes: z.array(z.string()) }),
      async handle(input) {
        assertSession(input);
        const { actor, body } = input;
        const { recoveryCodes } = await identity.secondFactor.confirm(actor.id, body.code);
        await recordOwn(deps, input, 'me:totp.on');
        return { recovery_codes: recoveryCodes };
      },
    }),

    route({
      ...own,
      method: 'DELETE',
      path: '/me/totp',
      summary: 'Turn the second factor off',
      body: z.strictObject({ password: passwordSchema }),
      status: 204,
      async handle(input) {
        assertSession(input);
        const { actor, body, request } = input;
        const credentials = { username: actor.username, password: body.password };
        await identity.signIn.confirmPassword(credentials, callerOf(request), 'password');
        await identity.users.change(actor.id, () => ({ removeTotp: true }));
        await recordOwn(deps, input, 'me:totp.off');
        return undefined;
      },
    }),
  ];
}
