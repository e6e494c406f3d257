import { ROLES } from '@parley/core/access';
import type { AccessToken, RoleGrant, Session, UserRecord } from '@parley/core/identity';
import { z } from 'zod';

/** What people type that is shown again: no line breaks, no control characters. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^\P{Cc}*$/u, 'expected one line of text');

export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9][a-z0-9._@+-]{0,63}$/,
    'expected 1–64 characters of a–z 0–9 . _ @ + - that start with a letter or digit',
  );
export const nameSchema = line(200);
export const emailSchema = z.email('expected an e-mail address').max(254).nullable();
/** What may be sent as a password; what a new one must be is said by `assertPassword`. */
export const passwordSchema = z.string().min(1).max(1_000);

export const roleGrantSchema = z.strictObject({
  tenant: z.string().max(64).describe('A tenant, or `*` for the hub and all of them'),
  role: z.enum(ROLES),
});
export const rolesSchema = z.array(roleGrantSchema).max(200);

const time = z.iso.datetime();
export const timeOf = (date: Date): string => date.toISOString();
const timeOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;

/** Patterns such as `channel:write`, `*:read`, `get:*`, `*`. */
export const actionPattern = z
  .string()
  .max(64)
  .regex(/^(\*|[a-z_*]+:[a-z_*]+)$/, 'expected an action such as channel:write, *:read or *');

export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  disabled: z.boolean(),
  totp_enabled: z.boolean(),
  locked_until: time.nullable(),
  last_login_at: time.nullable(),
  created_at: time,
  roles: z.array(z.object({ tenant: z.string(), role: z.enum(ROLES) })),
});

/** @param sees whether the reader may know of a role in this tenant */
export function userView(
  user: UserRecord,
  sees: (tenant: string) => boolean,
  now = Date.now(),
): z.input<typeof userSchema> {
  const { id, username, name, email, disabled, roles } = user;
  const isLocked = user.lockedUntil !== null && user.lockedUntil.getTime() > now;
  return {
    id,
    username,
    name,
    email,
    disabled,
    totp_enabled: user.totpEnabled,
    locked_until: isLocked ? timeOrNull(user.lockedUntil) : null,
    last_login_at: timeOrNull(user.lastLoginAt),
    created_at: timeOf(user.createdAt),
    roles: roles.filter(({ tenant }) => sees(tenant)),
  };
}

/** What `If-Match` is about: what people change, and not when somebody last signed in. */
export const userState = ({ id, name, email, disabled, roles }: UserRecord) => [id, name, email, disabled, roles];

export const sessionSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  method: z.enum(['password', 'oidc']),
  created_at: time,
  last_seen_at: time,
  expires_at: time,
  ip: z.string(),
  user_agent: z.string(),
});

export const sessionView = (session: Session, current: string | undefined): z.input<typeof sessionSchema> => ({
  id: session.publicId,
  current: session.publicId === current,
  method: session.method,
  created_at: timeOf(session.createdAt),
  last_seen_at: timeOf(session.lastSeenAt),
  expires_at: timeOf(session.expiresAt),
  ip: session.ip,
  user_agent: session.userAgent,
});

export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  actions: z.array(z.string()).nullable(),
  created_at: time,
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  revoked_at: time.nullable(),
});

export const tokenView = (token: AccessToken): z.input<typeof tokenSchema> => ({
  id: token.id,
  name: token.name,
  prefix: token.prefix,
  actions: token.actions,
  created_at: timeOf(token.createdAt),
  expires_at: timeOrNull(token.expiresAt),
  last_used_at: timeOrNull(token.lastUsedAt),
  revoked_at: timeOrNull(token.revokedAt),
});

export const policySchema = z.object({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  effect: z.enum(['allow', 'deny']),
  actions: z.array(z.string()),
  resources: z.array(z.string()),
  principals: z.array(z.string()),
});

export const policyBody = z.strictObject({
  tenant: z.string().max(64).describe('The tenant it is for, or `*`'),
  name: line(200).min(1),
  effect: z.enum(['allow', 'deny']),
  actions: z.array(actionPattern).min(1).max(50),
  resources: z
    .array(
      z
        .string()
        .max(200)
        .regex(/^[\w.*:@/-]+$/, 'expected a resource such as tenant/acme/channel/* or *'),
    )
    .min(1)
    .max(50),
  principals: z
    .array(
      z
        .string()
        .max(120)
        .regex(
          /^(\*|user:[\w-]{1,64}|role:(owner|admin|operator|viewer)@(\*|[\w.-]{1,64}))$/,
          'expected user:ID, role:ROLE@TENANT or *',
        ),
    )
    .min(1)
    .max(50),
});

export type RoleBody = z.output<typeof rolesSchema>;
export const sameRole = (a: RoleGrant, b: RoleGrant) => a.tenant === b.tenant && a.role === b.role;
