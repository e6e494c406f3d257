import { count } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import { guarded } from '../store/errors.ts';
import type { Store } from '../store/index.ts';
import { users } from '../store/schema.ts';
import { complaintAbout, generatePassword, type Passwords } from './passwords.ts';
import { lockIdentity } from './user-rows.ts';
import { insertUser } from './users.ts';

export const FIRST_ADMINISTRATOR = 'admin';

export interface FirstAdministratorOptions {
  store: Store;
  passwords: Passwords;
  /** PARLEY_ADMIN_PASSWORD. */
  password: string | undefined;
  /** Whether to think of a password when none is set: for `start`, where somebody sees it printed. */
  generate: boolean;
  now?: () => number;
}

/**
 * Adds the first administrator, `admin` with the role `owner@*`, where nobody is yet. Once there is a user,
 * PARLEY_ADMIN_PASSWORD changes nothing.
 *
 * @returns the generated password, to be shown once; undefined when there is nothing to show
 * @throws ParleyError `invalid_config` when the given password is too weak
 */
export async function ensureFirstAdministrator({
  store,
  passwords,
  password,
  generate,
  now = Date.now,
}: FirstAdministratorOptions): Promise<{ username: string; password: string } | undefined> {
  if ((password === undefined && !generate) || (await countUsers(store)) > 0) return undefined;
  const complaint = password === undefined ? undefined : complaintAbout(password, FIRST_ADMINISTRATOR);
  if (complaint) throw new ParleyError('invalid_config', `PARLEY_ADMIN_PASSWORD: ${complaint}`);
  const chosen = password ?? generatePassword();
  const passwordHash = await passwords.hash(chosen);
  const isNew = await guarded('adding the first administrator', () =>
    store.db.transaction(async (tx) => {
      // Of several gateways that start at once one adds it.
      await lockIdentity(tx);
      const [all] = await tx.select({ number: count() }).from(users);
      if ((all?.number ?? 0) > 0) return false;
      const roles = [{ tenant: '*', role: 'owner' as const }];
      const user = { username: FIRST_ADMINISTRATOR, passwordHash, mustChangePassword: false, roles };
      await insertUser(tx, user, now());
      return true;
    }),
  );
  return isNew && password === undefined ? { username: FIRST_ADMINISTRATOR, password: chosen } : undefined;
}

function countUsers({ db }: Store): Promise<number> {
  return guarded('counting users', async () => {
    const [all] = await db.select({ number: count() }).from(users);
    return all?.number ?? 0;
  });
}
