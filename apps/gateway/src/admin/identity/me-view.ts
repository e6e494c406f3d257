import { ParleyError } from '@parley/core/errors';
import type { Session, UserRecord } from '@parley/core/identity';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../http/route.ts';
import { cookieOf, SESSION_COOKIE } from './cookies.ts';
import type { IdentityRoutesDeps } from './deps.ts';
import { permissionsOf } from './permissions.ts';
import { userSchema } from './schemas.ts';

export const meUserSchema = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  totp_enabled: z.boolean(),
  must_change_password: z.boolean(),
  method: z.enum(['password', 'oidc', 'token']),
});

export const meSchema = z.object({
  user: meUserSchema,
  csrf_token: z.string().nullable().describe('For the header X-CSRF-Token; null with a token'),
  roles: userSchema.shape.roles,
  can: z
    .record(z.string(), z.array(z.string()))
    .describe('Action → tenants where it is allowed; `*`: in the hub and in all'),
  tenants: z.array(z.object({ id: z.string(), name: z.string() })),
  features: z.object({ sandbox: z.boolean(), oidc: z.boolean() }),
  version: z.string(),
});

export const meUserView = (
  { id, username, name, email, totpEnabled, mustChangePassword }: UserRecord,
  method: 'password' | 'oidc' | 'token',
): z.input<typeof meUserSchema> => ({
  id,
  username,
  name,
  email,
  totp_enabled: totpEnabled,
  must_change_password: mustChangePassword,
  method,
});

/** Who is signed in and what the console may show them. */
export async function meView(
  deps: IdentityRoutesDeps,
  actor: Actor,
  request: FastifyRequest,
): Promise<z.input<typeof meSchema>> {
  const { identity, version, hasSandbox } = deps;
  const user = await identity.users.find(actor.id);
  if (!user) throw new ParleyError('unauthorized', 'Sign in again');
  const session = await sessionOf(deps, actor, request);
  const all = deps.tenants();
  const can = permissionsOf(
    actor,
    all.map(({ id }) => id),
  );
  const seen = new Set(Object.values(can).flat());
  return {
    user: meUserView(user, session?.method ?? 'token'),
    csrf_token: session ? identity.csrf.tokenOf(session) : null,
    roles: user.roles,
    can,
    tenants: all.filter(({ id }) => seen.has('*') || seen.has(id)).map(({ id, name }) => ({ id, name: name ?? id })),
    features: { sandbox: hasSandbox, oidc: identity.oidc !== undefined },
    version,
  };
}

function sessionOf(
  { identity }: IdentityRoutesDeps,
  actor: Actor,
  request: FastifyRequest,
): Promise<Session | undefined> {
  const cookie = actor.via === 'session' ? cookieOf(request, SESSION_COOKIE) : undefined;
  return cookie === undefined ? Promise.resolve(undefined) : identity.sessions.find(cookie);
}
