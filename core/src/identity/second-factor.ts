import { and, eq, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import { ParleyError } from '../errors/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { guarded } from '../store/errors.ts';
import { type Store, totpContext } from '../store/index.ts';
import { users } from '../store/schema.ts';
import { isRecoveryCode, newRecoveryCodes, recoveryHashOf } from './recovery.ts';
import { newTotpSecret, totpStepOf, totpUri } from './totp.ts';
import type { UserRow } from './user-rows.ts';

/** The second factor: codes of an app, and recovery codes for when it is gone. */
export interface SecondFactor {
  /** A new secret that counts once it is confirmed. @throws ParleyError `conflict` when one is in use */
  begin(userId: string): Promise<{ secret: string; uri: string }>;
  /** Turns it on when the code is right. The recovery codes are told here and never again. */
  confirm(userId: string, code: string): Promise<{ recoveryCodes: string[] }>;
  /** Takes a code of the app or a recovery code, once. */
  take(user: UserRow, code: string): Promise<boolean>;
}

export function createSecondFactor({ db }: Store, sealer: Sealer, now: () => number): SecondFactor {
  /** Remembers the step, unless it or a later one was taken before: one statement, so that of two at once one wins. */
  async function takeStep(userId: string, step: number, confirm?: { hashes: string[] }): Promise<boolean> {
    const unused = or(isNull(users.totpLastStep), lt(users.totpLastStep, step));
    const phase = and(isNotNull(users.sealedTotp), eq(users.totpConfirmed, confirm === undefined));
    const taken = await db
      .update(users)
      .set({ totpLastStep: step, ...(confirm && { totpConfirmed: true, recoveryHashes: confirm.hashes }) })
      .where(and(eq(users.id, userId), unused, phase))
      .returning({ id: users.id });
    return taken.length > 0;
  }

  /** Takes the hash out of the list, unless another request was faster. */
  async function takeRecovery({ id }: UserRow, hash: string): Promise<boolean> {
    const taken = await db
      .update(users)
      .set({ recoveryHashes: sql`${users.recoveryHashes} - ${hash}::text` })
      .where(and(eq(users.id, id), sql`${users.recoveryHashes} @> ${JSON.stringify([hash])}::jsonb`))
      .returning({ id: users.id });
    return taken.length > 0;
  }

  async function find(userId: string): Promise<UserRow> {
    const [row] = await db.select().from(users).where(eq(users.id, userId));
    if (!row) throw new ParleyError('not_found', 'There is no such user');
    return row;
  }

  return {
    begin: (userId) =>
      guarded('beginning a second factor', async () => {
        const { username, passwordHash } = await find(userId);
        if (passwordHash === null) {
          throw new ParleyError('conflict', 'You sign in without a password: the second factor is asked for elsewhere');
        }
        const secret = newTotpSecret();
        const begun = await db
          .update(users)
          .set({ sealedTotp: sealer.seal(secret, totpContext(userId)), totpLastStep: null, recoveryHashes: [] })
          .where(and(eq(users.id, userId), eq(users.totpConfirmed, false)))
          .returning({ id: users.id });
        if (begun.length === 0) throw new ParleyError('conflict', 'A second factor is in use: turn it off first');
        return { secret, uri: totpUri(secret, username) };
      }),

    confirm: (userId, code) =>
      guarded('confirming a second factor', async () => {
        const { sealedTotp, totpConfirmed } = await find(userId);
        if (!sealedTotp || totpConfirmed) throw new ParleyError('conflict', 'There is no second factor to confirm');
        const { codes, hashes } = newRecoveryCodes(userId);
        const step = totpStepOf(sealer.open(sealedTotp, totpContext(userId)), code.trim(), now());
        if (step !== undefined && (await takeStep(userId, step, { hashes }))) return { recoveryCodes: codes };
        const fields = [{ path: 'code', message: 'is wrong: is the clock of your device right?' }];
        throw new ParleyError('invalid_request', 'code: is wrong', { fields });
      }),

    take: (user, code) =>
      guarded('checking a second factor', async () => {
        if (!user.sealedTotp || !user.totpConfirmed) return false;
        const given = code.trim();
        if (isRecoveryCode(given)) {
          const hash = recoveryHashOf(user.id, given, user.recoveryHashes);
          return hash !== undefined && takeRecovery(user, hash);
        }
        const step = totpStepOf(sealer.open(user.sealedTotp, totpContext(user.id)), given.replaceAll(' ', ''), now());
        return step !== undefined && takeStep(user.id, step);
      }),
  };
}
