import { ParleyError } from '@parley/core/errors';
import { type Identity, isSameOrigin, type KnownSubject } from '@parley/core/identity';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../http/route.ts';
import { ADMIN_PREFIX } from '../http/serve.ts';
import { cookieOf, SESSION_COOKIE } from './cookies.ts';

export interface AdminAuthenticateDeps {
  identity: Identity;
  /** PARLEY_PUBLIC_URL: pages of it may write. */
  publicUrl: string | undefined;
}

/** All that somebody whose password somebody else chose may do before it is changed. */
const BEFORE_A_NEW_PASSWORD = ['GET /me', 'PUT /me/password', 'POST /auth/logout'];

/**
 * Who sends a request to the admin API: a token in `Authorization`, or the session of the cookie, for which everything
 * that may change something needs the session's CSRF token as well.
 */
export function createAdminAuthenticate({ identity, publicUrl }: AdminAuthenticateDeps) {
  async function byToken(token: string): Promise<Actor> {
    const found = await identity.tokens.find(token);
    const subject = found && (await identity.subjects.of(found.user));
    if (!found || !subject) throw unauthorized();
    return { ...actorOf(subject), via: 'token', onlyActions: found.actions ?? undefined };
  }

  async function bySession(request: FastifyRequest, cookie: string): Promise<Actor> {
    const session = await identity.sessions.find(cookie);
    const subject = session && (await identity.subjects.of(session.user));
    if (!session || !subject) throw unauthorized();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      assertOwnPage(request, publicUrl);
      if (!identity.csrf.isRight(session, headerOf(request, 'x-csrf-token'))) {
        throw new ParleyError('forbidden', 'X-CSRF-Token: missing or wrong (see GET /api/admin/me)');
      }
    }
    if (subject.user.mustChangePassword && session.method === 'password') assertBeforeNewPassword(request);
    return { ...actorOf(subject), via: 'session', sessionId: session.publicId };
  }

  return async (request: FastifyRequest): Promise<Actor> => {
    const [, token] = /^Bearer +(\S+)$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
    if (token !== undefined) return byToken(token);
    const cookie = cookieOf(request, SESSION_COOKIE);
    if (cookie === undefined) throw unauthorized();
    return bySession(request, cookie);
  };
}

/** @throws ParleyError `forbidden` when a browser says that the request comes from another site's page */
export function assertOwnPage(request: FastifyRequest, publicUrl: string | undefined): void {
  const said = { origin: headerOf(request, 'origin'), secFetchSite: headerOf(request, 'sec-fetch-site') };
  if (isSameOrigin(said, { host: request.headers.host, publicUrl })) return;
  throw new ParleyError('forbidden', 'This request comes from a page of another site');
}

function assertBeforeNewPassword({ method, routeOptions }: FastifyRequest): void {
  const path = routeOptions.url?.slice(ADMIN_PREFIX.length) ?? '';
  if (BEFORE_A_NEW_PASSWORD.includes(`${method} ${path}`)) return;
  throw new ParleyError('forbidden', 'Choose a password of your own first: PUT /api/admin/me/password');
}

const actorOf = ({ user, principals, policies }: KnownSubject) => ({
  id: user.id,
  username: user.username,
  name: user.name,
  principals,
  policies,
});

export function headerOf({ headers }: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const unauthorized = () => new ParleyError('unauthorized', 'Sign in, or send a personal access token');
