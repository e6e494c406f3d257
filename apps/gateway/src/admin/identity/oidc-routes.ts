import { ParleyError } from '@parley/core/errors';
import { OIDC_FLOW_MS } from '@parley/core/identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { ADMIN_PREFIX } from '../http/serve.ts';
import { callerOf, openDoor, recordSignIn } from './auth-routes.ts';
import { cookieHeader, cookieOf, isSecure, OIDC_COOKIE, OIDC_PATH } from './cookies.ts';
import type { IdentityRoutesDeps } from './deps.ts';

const tag = 'Sign-in';
const CALLBACK = '/auth/oidc/callback';

/** Signing in through the identity provider. What goes wrong is told on the sign-in page: `/?oidc_error=CODE`. */
export function oidcRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  const { identity, logger } = deps;

  function provider() {
    if (!identity.oidc) throw new ParleyError('not_found', 'There is no identity provider');
    return identity.oidc;
  }

  function setFlow(request: FastifyRequest, reply: FastifyReply, value: string, maxAgeSeconds: number): void {
    const secure = isSecure(request, deps.publicUrl);
    reply.header('set-cookie', cookieHeader(OIDC_COOKIE, value, { path: OIDC_PATH, maxAgeSeconds, secure }));
  }

  async function finish(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const { provider: oidc, signIn } = provider();
    const [, query = ''] = request.url.split('?', 2);
    const { identity: person, returnTo } = await oidc.finish({ flow: cookieOf(request, OIDC_COOKIE), query });
    const begun = await signIn(person, callerOf(request));
    await openDoor(deps, request, reply, begun.cookie);
    await recordSignIn(deps, { id: begun.user, username: begun.username }, request, 'oidc');
    return returnTo;
  }

  return [
    route({
      method: 'GET',
      path: '/auth/oidc/start',
      action: 'open',
      tag,
      summary: 'Go to the identity provider',
      query: z.object({ return_to: z.string().max(4_000).optional().describe('A path of this hub') }),
      async handle({ query, request, reply }) {
        const { provider: oidc } = provider();
        const base = deps.publicUrl ?? `${request.protocol}://${request.host}`;
        const redirectUri = `${base}${ADMIN_PREFIX}${CALLBACK}`;
        const begun = await oidc
          .start({ redirectUri, returnTo: query.return_to })
          .catch((error: unknown) => failed(error, logger));
        if (typeof begun === 'string') return reply.redirect(begun);
        setFlow(request, reply, begun.flow, OIDC_FLOW_MS / 1000);
        return reply.redirect(begun.url);
      },
    }),

    route({
      method: 'GET',
      path: CALLBACK,
      action: 'open',
      tag,
      summary: 'Back from the identity provider',
      async handle({ request, reply }) {
        provider();
        const target = await finish(request, reply).catch((error: unknown) => failed(error, logger));
        // Used once, whatever came of it.
        setFlow(request, reply, '', 0);
        return reply.redirect(target);
      },
    }),
  ];
}

/** The sign-in page with what it can say; what exactly went wrong is in the log. */
function failed(error: unknown, logger: IdentityRoutesDeps['logger']): string {
  const code = error instanceof ParleyError ? error.code : 'internal';
  const known: Partial<Record<string, string>> = {
    forbidden: 'forbidden',
    unavailable: 'unavailable',
    invalid_request: 'refused',
  };
  // Strangers can cause refusals at will, and each is told to whoever tries; what is wrong here is for the operator.
  const level = code === 'forbidden' || code === 'invalid_request' ? 'info' : 'warn';
  logger[level]({ err: error }, 'signing in through the identity provider failed');
  return `/?oidc_error=${known[code] ?? 'failed'}`;
}
