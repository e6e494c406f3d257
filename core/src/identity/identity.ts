import type { RedisClient } from '../bus/index.ts';
import type { OidcSettings } from '../config/index.ts';
import type { Sealer } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';
import { type AccessTokens, createAccessTokens } from './access-tokens.ts';
import { type Csrf, createCsrf } from './csrf.ts';
import { createKnownBrowsers } from './known-browsers.ts';
import { createOidc, type Oidc } from './oidc.ts';
import { createOidcSignIn, type OidcSignIn } from './oidc-users.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createPolicies, type Policies } from './policies.ts';
import { createSecondFactor, type SecondFactor } from './second-factor.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createSubjects, type Subjects } from './subjects.ts';
import { type AddressLimit, createThrottle, type Throttle } from './throttle.ts';
import { createUsers, type Users } from './users.ts';

export interface IdentityDeps {
  store: Store;
  /** One that fails at once when Redis is away: then this process counts attempts by itself. */
  redis: RedisClient;
  sealer: Sealer;
  oidc: OidcSettings | undefined;
  /** Default: hashing as OWASP recommends, two at a time. */
  passwords?: Passwords;
  /** Wrong attempts from one address. Default: 50 in 5 minutes. */
  addressLimit?: AddressLimit;
  now?: () => number;
}

/** Who uses the console: signing in, staying signed in, and what they may. */
export interface Identity {
  passwords: Passwords;
  throttle: Throttle;
  secondFactor: SecondFactor;
  sessions: Sessions;
  tokens: AccessTokens;
  csrf: Csrf;
  signIn: SignIn;
  oidc: { provider: Oidc; signIn: OidcSignIn } | undefined;
  users: Users;
  policies: Policies;
  subjects: Subjects;
}

export function createIdentity({
  store,
  redis,
  sealer,
  oidc,
  passwords = createPasswords(),
  addressLimit,
  now = Date.now,
}: IdentityDeps): Identity {
  const throttle = createThrottle(redis, now, addressLimit);
  const secondFactor = createSecondFactor(store, sealer, now);
  const sessions = createSessions(store, now);
  const tokens = createAccessTokens(store, now);
  const subjects = createSubjects(store, now);
  /** In this process a change counts at once; elsewhere within five seconds. */
  function forget(): void {
    sessions.forget();
    tokens.forget();
    subjects.forget();
  }
  return {
    passwords,
    throttle,
    secondFactor,
    sessions,
    tokens,
    csrf: createCsrf(sealer),
    signIn: createSignIn({
      store,
      passwords,
      throttle,
      sessions,
      secondFactor,
      knownBrowsers: createKnownBrowsers(sealer, now),
      now,
    }),
    oidc: oidc && {
      provider: createOidc(oidc, sealer, now),
      signIn: createOidcSignIn({ store, sessions, onChange: forget, now }),
    },
    users: createUsers(store, forget, now),
    policies: createPolicies(store, forget, now),
    subjects,
  };
}
