export { isAccessToken, MAX_TOKENS } from './access-tokens.ts';
export {
  type Authority,
  assertMayEnact,
  assertMayGive,
  assertMayManage,
  assertMayWithdraw,
  rolesAfter,
} from './authority.ts';
export { isSameOrigin } from './csrf.ts';
export {
  ensureFirstAdministrator,
  FIRST_ADMINISTRATOR,
  type FirstAdministratorOptions,
} from './first-administrator.ts';
export { createIdentity, type Identity, type IdentityDeps } from './identity.ts';
export { KNOWN_BROWSER_MS } from './known-browsers.ts';
export { OIDC_FLOW_MS } from './oidc.ts';
export {
  assertPassword,
  createPasswords,
  generatePassword,
  PASSWORD_LENGTH,
  type Passwords,
  type PasswordsOptions,
} from './passwords.ts';
export type { PolicyDraft } from './policies.ts';
export { safeReturnTo } from './return-to.ts';
export { MAX_SESSIONS, SESSION_IDLE_MS, SESSION_MAX_MS } from './sessions.ts';
export type { KnownSubject } from './subjects.ts';
export type { AddressLimit } from './throttle.ts';
export { totpAt } from './totp.ts';
export type * from './types.ts';
