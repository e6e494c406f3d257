import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Store } from '../store/index.ts';
import { countAttempt, noteSuccess } from './attempts.ts';
import type { Passwords } from './passwords.ts';
import type { SecondFactor } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';
import type { Caller, Session } from './types.ts';
import type { UserRow } from './user-rows.ts';

export interface Credentials {
  username: string;
  password: string;
  /** Of the second factor. */
  code?: string | undefined;
}

/** Opening the door with a password. */
export interface SignIn {
  /**
   * Begins a session.
   *
   * @throws ParleyError `unauthorized`, the same for an unknown name, a wrong password and a disabled user;
   *   `totp_required` when the password is right and the code is missing or wrong; `rate_limited` after too many attempts
   */
  withPassword(credentials: Credentials, caller: Caller): Promise<{ user: string; cookie: string; session: Session }>;
  /** Makes sure that whoever is signed in knows the password. Counts like an attempt to sign in. */
  confirmPassword(credentials: Credentials, caller: Caller, path: string): Promise<void>;
}

export interface SignInDeps {
  store: Store;
  passwords: Passwords;
  throttle: Throttle;
  sessions: Sessions;
  secondFactor: SecondFactor;
  now: () => number;
}

export function createSignIn({ store, passwords, throttle, sessions, secondFactor, now }: SignInDeps): SignIn {
  /** Every name takes the same way, whether there is such a user or not. */
  async function check({ username, password }: Credentials, { ip }: Caller) {
    const name = username.trim().toLowerCase();
    await throttle.countAddress(ip);
    await throttle.countName(name);
    const found = await countAttempt(store, name, now);
    const user = found?.disabled ? undefined : found;
    const { ok, upgraded } = await passwords.verify(password, user?.passwordHash ?? null);
    return ok && user ? { user, upgraded } : undefined;
  }

  async function takeBack({ username }: UserRow, { ip }: Caller): Promise<void> {
    await Promise.all([throttle.forgetName(username), throttle.takeBackAddress(ip)]);
  }

  return {
    async withPassword(credentials, caller) {
      const right = await check(credentials, caller);
      if (!right) throw refused();
      const { user, upgraded } = right;
      if (user.totpConfirmed) {
        const { code = '' } = credentials;
        // A wrong code has counted as an attempt already, so codes are not guessed faster than passwords.
        if (code === '') {
          // The first half of every such sign-in: it must not use up what an office shares.
          await throttle.takeBackAddress(caller.ip);
          throw new ParleyError('totp_required', 'A code of your second factor is needed');
        }
        if (!(await secondFactor.take(user, code))) {
          throw new ParleyError('totp_required', 'The code is wrong, or was used before');
        }
      }
      const begun = await guarded('signing in', () =>
        store.db.transaction(async (tx) => {
          if (!(await noteSuccess(tx, user, { upgraded, lastLoginAt: new Date(now()) }))) throw refused();
          return sessions.begin(tx, user.id, 'password', caller);
        }),
      );
      await takeBack(user, caller);
      return { user: user.id, ...begun };
    },

    async confirmPassword(credentials, caller, path) {
      const right = await check(credentials, caller);
      const noted =
        right &&
        (await guarded('noting a right password', () =>
          noteSuccess(store.db, right.user, { upgraded: right.upgraded }),
        ));
      if (!right || !noted) {
        const fields = [{ path, message: 'is not your password' }];
        throw new ParleyError('invalid_request', `${path}: is not your password`, { fields });
      }
      await takeBack(right.user, caller);
    },
  };
}

const refused = () => new ParleyError('unauthorized', 'The name or the password is wrong');
