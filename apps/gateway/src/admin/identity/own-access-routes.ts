import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { assertSession } from './auth-routes.ts';
import { type IdentityRoutesDeps, recordOwn } from './deps.ts';
import { actionPattern, nameSchema, sessionSchema, sessionView, tokenSchema, tokenView } from './schemas.ts';

const own = { action: 'self', tag: 'Own account', quiet: true } as const;
const idParams = z.object({ id: z.string().max(64) });

/** Where one is signed in, and one's tokens for scripts. */
export function ownAccessRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  const { identity } = deps;
  return [
    route({
      ...own,
      method: 'GET',
      path: '/me/sessions',
      summary: 'Where one is signed in',
      response: z.object({ items: z.array(sessionSchema) }),
      async handle({ actor }) {
        const sessions = await identity.sessions.list(actor.id);
        return { items: sessions.map((session) => sessionView(session, actor.sessionId)) };
      },
    }),

    route({
      ...own,
      method: 'DELETE',
      path: '/me/sessions/:id',
      summary: 'End a session',
      params: idParams,
      status: 204,
      async handle(input) {
        assertSession(input);
        const { actor, params } = input;
        if (!(await identity.sessions.end(actor.id, params.id))) throw gone('session');
        await recordOwn(deps, input, 'me:session.end', { session: params.id });
        return undefined;
      },
    }),

    route({
      ...own,
      method: 'GET',
      path: '/me/tokens',
      summary: 'One’s personal access tokens',
      response: z.object({ items: z.array(tokenSchema) }),
      handle: async ({ actor }) => ({ items: (await identity.tokens.list(actor.id)).map(tokenView) }),
    }),

    route({
      ...own,
      method: 'POST',
      path: '/me/tokens',
      summary: 'Make a personal access token; it is shown once',
      idempotent: true,
      body: z.strictObject({
        name: nameSchema.min(1),
        actions: z
          .array(actionPattern)
          .min(1)
          .max(50)
          .nullish()
          .describe('What it may do at most; left out: all one may'),
        expires_at: z.iso.datetime({ offset: true }).nullish(),
      }),
      response: tokenSchema.extend({ token: z.string() }),
      status: 201,
      async handle(input) {
        assertSession(input);
        const { actor, body } = input;
        const { name, actions = null, expires_at: ends } = body;
        const expiresAt = ends ? new Date(ends) : null;
        if (expiresAt && expiresAt.getTime() <= Date.now()) {
          const fields = [{ path: 'expires_at', message: 'is in the past' }];
          throw new ParleyError('invalid_request', 'expires_at: is in the past', { fields });
        }
        const { token, record } = await identity.tokens.create({ user: actor.id, name, actions, expiresAt });
        await recordOwn(deps, input, 'me:token.create', { id: record.id, name, actions, expires_at: ends ?? null });
        return { ...tokenView(record), token };
      },
    }),

    route({
      ...own,
      method: 'DELETE',
      path: '/me/tokens/:id',
      summary: 'Revoke a token',
      params: idParams,
      status: 204,
      async handle(input) {
        assertSession(input);
        const { actor, params } = input;
        if (!(await identity.tokens.revoke(actor.id, params.id))) throw gone('token');
        await recordOwn(deps, input, 'me:token.revoke', { id: params.id });
        return undefined;
      },
    }),
  ];
}

const gone = (what: string) => new ParleyError('not_found', `You have no such ${what}`);
