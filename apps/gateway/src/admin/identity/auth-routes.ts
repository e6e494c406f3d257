import { ParleyError } from '@parley/core/errors';
import { type Caller, KNOWN_BROWSER_MS, SESSION_MAX_MS } from '@parley/core/identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AdminRoute, type RouteContext, route } from '../http/route.ts';
import { assertOwnPage, headerOf } from './authenticate.ts';
import { BROWSER_COOKIE, BROWSER_PATH, cookieHeader, cookieOf, isSecure, SESSION_COOKIE } from './cookies.ts';
import { type IdentityRoutesDeps, recordOwn } from './deps.ts';
import { meUserSchema, meUserView } from './me-view.ts';
import { passwordSchema } from './schemas.ts';

const tag = 'Sign-in';

/** Signing in and out. */
export function authRoutes(deps: IdentityRoutesDeps): AdminRoute[] {
  const { identity } = deps;
  return [
    route({
      method: 'GET',
      path: '/auth/methods',
      action: 'open',
      tag,
      summary: 'How one can sign in here',
      response: z.object({
        password: z.literal(true),
        oidc: z.object({ name: z.string() }).nullable(),
        setup_hint: z.null(),
      }),
      handle: () => {
        const name = identity.oidc?.provider.name;
        return { password: true as const, oidc: name === undefined ? null : { name }, setup_hint: null };
      },
    }),

    route({
      method: 'POST',
      path: '/auth/login',
      action: 'open',
      quiet: true,
      tag,
      summary: 'Sign in with a password; the session comes as a cookie',
      body: z.strictObject({
        username: z.string().min(1).max(200),
        password: passwordSchema,
        code: z.string().max(64).optional().describe('Of the second factor, or a recovery code'),
      }),
      response: z.object({ user: meUserSchema, csrf_token: z.string() }),
      async handle({ body, request, reply }) {
        // Otherwise another site could sign its visitors in here, as somebody else.
        assertOwnPage(request, deps.publicUrl);
        const credentials = { ...body, browser: cookieOf(request, BROWSER_COOKIE) };
        const begun = await identity.signIn.withPassword(credentials, callerOf(request)).catch(async (error) => {
          await recordRefusal(deps, body, request, error);
          throw error;
        });
        const user = await identity.users.find(begun.user);
        if (!user) throw new ParleyError('unauthorized', 'The name or the password is wrong');
        await openDoor(deps, request, reply, begun.cookie);
        rememberBrowser(deps, request, reply, begun.browser);
        await recordSignIn(deps, user, request, 'password');
        return { user: meUserView(user, 'password'), csrf_token: identity.csrf.tokenOf(begun.session) };
      },
    }),

    route({
      method: 'POST',
      path: '/auth/logout',
      action: 'self',
      quiet: true,
      tag,
      summary: 'Sign out',
      async handle(input) {
        const { actor, request, reply } = input;
        assertSession(input);
        if (actor.sessionId) await identity.sessions.end(actor.id, actor.sessionId);
        const secure = isSecure(request, deps.publicUrl);
        reply.header('set-cookie', cookieHeader(SESSION_COOKIE, '', { path: '/', maxAgeSeconds: 0, secure }));
        await recordOwn(deps, input, 'auth:logout');
        return undefined;
      },
    }),
  ];
}

/** Puts a new session into the browser, and ends the one that was in it: nobody can plant a session beforehand. */
export async function openDoor(
  { identity, publicUrl }: IdentityRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: string,
): Promise<void> {
  const before = cookieOf(request, SESSION_COOKIE);
  if (before !== undefined) await identity.sessions.endByCookie(before);
  const options = { path: '/', maxAgeSeconds: SESSION_MAX_MS / 1000, secure: isSecure(request, publicUrl) };
  reply.header('set-cookie', cookieHeader(SESSION_COOKIE, cookie, options));
}

function rememberBrowser(
  { publicUrl }: IdentityRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: string,
): void {
  const maxAgeSeconds = KNOWN_BROWSER_MS / 1000;
  const options = { path: BROWSER_PATH, maxAgeSeconds, secure: isSecure(request, publicUrl) };
  reply.header('set-cookie', cookieHeader(BROWSER_COOKIE, cookie, options));
}

export const callerOf = (request: FastifyRequest): Caller => ({
  ip: request.ip,
  userAgent: headerOf(request, 'user-agent') ?? '',
});

/** What changes how somebody signs in needs somebody who has signed in: a token that leaked must not become more. */
export function assertSession({ actor }: RouteContext): void {
  if (actor.via === 'session') return;
  throw new ParleyError('forbidden', 'This takes a signed-in browser, not a token');
}

export async function recordSignIn(
  { audit }: IdentityRoutesDeps,
  { id, username }: { id: string; username: string },
  request: FastifyRequest,
  method: 'password' | 'oidc',
): Promise<void> {
  const entry = { tenant: '*', at: Date.now(), actor: username, action: 'auth:login', target: `hub/user/${id}` };
  await audit([{ ...entry, detail: { method, ip: request.ip } }]);
}

/** What was typed as a name is not kept unless it is one: it may be a password in the wrong field. */
async function recordRefusal(
  { audit, identity, logger }: IdentityRoutesDeps,
  { username, code }: { username: string; code?: string | undefined },
  request: FastifyRequest,
  error: unknown,
): Promise<void> {
  const reason = error instanceof ParleyError ? error.code : 'internal';
  // Being asked for a code is no refusal; what is turned away unseen (`rate_limited`) would only fill the log.
  if (reason !== 'unauthorized' && !(reason === 'totp_required' && code !== undefined)) return;
  try {
    const user = await identity.users.findByName(username.trim().toLowerCase());
    const entry = { tenant: '*', at: Date.now(), action: 'auth:login.denied', target: `hub/user/${user?.id ?? '-'}` };
    await audit([{ ...entry, actor: user?.username ?? 'nobody', detail: { ip: request.ip, reason } }]);
  } catch (failure) {
    logger.error({ err: failure }, 'a refused sign-in was not recorded');
  }
}
