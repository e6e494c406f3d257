import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Store } from '../store/index.ts';
import { countAttempt, findUser, noteSuccess } from './attempts.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { Passwords } from './passwords.ts';
import type { SecondFactor } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';
import type { Caller, Session } from './types.ts';

export interface Credentials {
  username: string;
  password: string;
  /** Of the second factor. */
  code?: string | undefined;
  /** The cookie of a browser that signed in before. */
  browser?: string | undefined;
}

/** Opening the door with a password. */
export interface SignIn {
  /**
   * Begins a session.
   *
   * @throws ParleyError `unauthorized`, the same for an unknown name, a wrong password and a disabled user;
   *   `totp_required` when the password is right and the code is missing or wrong; `rate_limited` after too many attempts
   */
  withPassword(credentials: Credentials, caller: Caller): Promise<SignedIn>;
  /** Makes sure that whoever is signed in knows the password. Guesses count by themselves: no stranger locks this door. */
  confirmPassword(credentials: Credentials, caller: Caller, path: string): Promise<void>;
}

export interface SignedIn {
  user: string;
  cookie: string;
  session: Session;
  /** What the browser is known by from now on. */
  browser: string;
}

export interface SignInDeps {
  store: Store;
  passwords: Passwords;
  throttle: Throttle;
  sessions: Sessions;
  secondFactor: SecondFactor;
  knownBrowsers: KnownBrowsers;
  now: () => number;
}

export function createSignIn(deps: SignInDeps): SignIn {
  const { store, passwords, throttle, sessions, secondFactor, knownBrowsers, now } = deps;

  /**
   * Every name takes the same way, whether there is such a user or not.
   *
   * @param own whose wrong attempts are counted by themselves; undefined: with those of everybody who tries the name
   */
  async function check(name: string, password: string, { ip }: Caller, own: string | undefined) {
    // An address may be an office's or a proxy's: what strangers do there is nothing to whoever counts by themselves.
    if (own === undefined) await throttle.countAddress(ip);
    await throttle.countName(name, own);
    const found = own === undefined ? await countAttempt(store, name, now) : await findUser(store, name);
    const user = found?.disabled ? undefined : found;
    const { ok, upgraded } = await passwords.verify(password, user?.passwordHash ?? null);
    return ok && user ? { user, upgraded } : undefined;
  }

  /** Whoever has an own count leaves that of the name as it is: it is about others. */
  async function takeBack(name: string, { ip }: Caller, own: string | undefined): Promise<void> {
    await Promise.all([throttle.forgetName(name, own), own === undefined && throttle.takeBackAddress(ip)]);
  }

  return {
    async withPassword(credentials, caller) {
      const name = nameOf(credentials);
      const known = knownBrowsers.idOf(credentials.browser, name);
      const own = known && `browser ${known}`;
      const right = await check(name, credentials.password, caller, own);
      if (!right) throw refused();
      const { user, upgraded } = right;
      if (user.totpConfirmed) {
        const { code = '' } = credentials;
        // A wrong code has counted as an attempt already, so codes are not guessed faster than passwords.
        if (code === '') {
          // The first half of every such sign-in: it must not use up what an office shares.
          if (own === undefined) await throttle.takeBackAddress(caller.ip);
          throw new ParleyError('totp_required', 'A code of your second factor is needed');
        }
        if (!(await secondFactor.take(user, code))) {
          throw new ParleyError('totp_required', 'The code is wrong, or was used before');
        }
      }
      const begun = await guarded('signing in', () =>
        store.db.transaction(async (tx) => {
          if (!(await noteSuccess(tx, user, { upgraded, lastLoginAt: new Date(now()), unlock: own === undefined })))
            throw refused();
          return sessions.begin(tx, user.id, 'password', caller);
        }),
      );
      await takeBack(name, caller, own);
      return { user: user.id, ...begun, browser: knownBrowsers.cookieFor(name) };
    },

    async confirmPassword(credentials, caller, path) {
      const name = nameOf(credentials);
      const own = 'signed in';
      const right = await check(name, credentials.password, caller, own);
      const noted =
        right &&
        (await guarded('noting a right password', () =>
          noteSuccess(store.db, right.user, { upgraded: right.upgraded, unlock: false }),
        ));
      if (!right || !noted) {
        const fields = [{ path, message: 'is not your password' }];
        throw new ParleyError('invalid_request', `${path}: is not your password`, { fields });
      }
      await takeBack(name, caller, own);
    },
  };
}

/** Names are kept in lower case. */
const nameOf = ({ username }: Credentials) => username.trim().toLowerCase();

const refused = () => new ParleyError('unauthorized', 'The name or the password is wrong');
