import { randomBytes } from 'node:crypto';
import { ParleyError } from '../errors/index.ts';
import { HASH_COST, type HashCost, hashPassword, isOutdated, verifyHash } from './password-hash.ts';

/** Hashing of passwords with a bound on how much of the machine it may take. */
export interface Passwords {
  /** @throws ParleyError `unavailable` when too many wait already */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is right. With no stored hash (nobody of that name, or somebody who signs in elsewhere) it does
   * the same work and says no. `upgraded`: the same password hashed as it is done today, where the stored one is older.
   */
  verify(password: string, stored: string | null): Promise<{ ok: boolean; upgraded?: string | undefined }>;
}

export interface PasswordsOptions {
  cost?: HashCost;
  /** Hashes at one time; each takes a thread of Node's pool of four, and 19 MiB. */
  maxConcurrent?: number;
  /** Hashes that may wait for their turn. */
  maxWaiting?: number;
}

export const PASSWORD_LENGTH = { min: 10, max: 200 } as const;

export function createPasswords({
  cost = HASH_COST,
  maxConcurrent = 2,
  maxWaiting = 64,
}: PasswordsOptions = {}): Passwords {
  const inTurn = createGate(maxConcurrent, maxWaiting);
  /** Of a password that nobody knows: what unknown users are compared with. */
  let nobodys: Promise<string> | undefined;

  return {
    hash: (password) => inTurn(() => hashPassword(password, cost)),
    verify: (password, stored) =>
      inTurn(async () => {
        nobodys ??= hashPassword(randomBytes(32).toString('base64'), cost);
        const nobodysHash = await nobodys;
        const ok = (await verifyHash(password, stored ?? nobodysHash)) && stored !== null;
        const isOld = ok && stored !== null && isOutdated(stored, cost);
        return { ok, upgraded: isOld ? await hashPassword(password, cost) : undefined };
      }),
  };
}

/** @throws ParleyError `invalid_request` that names the field and does not repeat the password */
export function assertPassword(password: string, username: string, path = 'password'): void {
  const said = complaintAbout(password, username);
  if (said === undefined) return;
  throw new ParleyError('invalid_request', `${path}: ${said}`, { fields: [{ path, message: said }] });
}

/** What is wrong with a new password; undefined: nothing. Length counts, not the kinds of characters (NIST SP 800-63B). */
export function complaintAbout(password: string, username: string): string | undefined {
  const length = [...password].length;
  if (length < PASSWORD_LENGTH.min) return `expected at least ${PASSWORD_LENGTH.min} characters`;
  if (length > PASSWORD_LENGTH.max) return `expected at most ${PASSWORD_LENGTH.max} characters`;
  const lower = password.toLowerCase();
  const isObvious = lower.replaceAll(username.toLowerCase(), '').length < 4 || new Set(lower).size < 4;
  return isObvious ? 'too easy to guess: it is little more than the user name or one character' : undefined;
}

/** A password that a machine thought of: 120 bits, in groups that people can copy from a terminal. */
export function generatePassword(): string {
  const text = randomBytes(15).toString('base64url').replaceAll('_', 'x').replaceAll('-', 'y');
  return text.replace(/(.{5})(?=.)/g, '$1-');
}

/** Lets `size` pieces of work run at a time; more than `maxWaiting` others are turned away. */
function createGate(size: number, maxWaiting: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= size) {
      if (waiting.length >= maxWaiting) {
        throw new ParleyError('unavailable', 'Too many sign-ins at once', { retryAfterMs: 1000 });
      }
      // Whoever leaves hands its place over, so that nobody who comes later slips in between.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
