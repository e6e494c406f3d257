import type { RoleName } from '../access/index.ts';

/** A role somebody has in a tenant, or everywhere (`*`). */
export interface RoleGrant {
  tenant: string;
  role: RoleName;
}

/** Somebody who may use the console, without anything secret. */
export interface UserRecord {
  id: string;
  /** Lower case. */
  username: string;
  name: string;
  email: string | null;
  disabled: boolean;
  /** Whether it can sign in with a password. */
  hasPassword: boolean;
  mustChangePassword: boolean;
  totpEnabled: boolean;
  lockedUntil: Date | null;
  lastLoginAt: Date | null;
  createdAt: Date;
  /** By tenant, then role. */
  roles: RoleGrant[];
}

export type SignInMethod = 'password' | 'oidc';

/** A signed-in browser. */
export interface Session {
  /** What a person revokes it by, and what its CSRF token is bound to; says nothing of the cookie. */
  publicId: string;
  user: string;
  method: SignInMethod;
  createdAt: Date;
  lastSeenAt: Date;
  /** When it ends unless it is used before, and at the latest. */
  expiresAt: Date;
  ip: string;
  userAgent: string;
}

/** A personal access token without the token. */
export interface AccessToken {
  id: string;
  user: string;
  name: string;
  prefix: string;
  /** Patterns of actions it may do; null: all that its owner may. */
  actions: string[] | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** Where a request comes from, as far as its connection tells. */
export interface Caller {
  ip: string;
  userAgent: string;
}
