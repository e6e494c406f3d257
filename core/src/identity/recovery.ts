import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { base32 } from './totp.ts';

const CODES = 10;
const CODE_BYTES = 10;

/**
 * New recovery codes, shown once: what opens the door once each when the telephone is gone. 80 bits of chance need no
 * slow hash.
 */
export function newRecoveryCodes(userId: string): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: CODES }, () =>
    base32(randomBytes(CODE_BYTES))
      .toLowerCase()
      .replace(/(.{4})(?=.)/g, '$1-'),
  );
  return { codes, hashes: codes.map((code) => hashOf(userId, code)) };
}

/** The stored hash that a code belongs to, or undefined; every one is compared, in constant time. */
export function recoveryHashOf(userId: string, code: string, hashes: readonly string[]): string | undefined {
  const given = Buffer.from(hashOf(userId, code));
  let found: string | undefined;
  for (const hash of hashes) {
    const stored = Buffer.from(hash);
    if (stored.length === given.length && timingSafeEqual(stored, given)) found = hash;
  }
  return found;
}

/** Whether a text looks like a recovery code rather than like a code of an app. */
export const isRecoveryCode = (code: string): boolean => /^([a-z2-7]{4}[- ]?){4}$/i.test(code.trim());

function hashOf(userId: string, code: string): string {
  const plain = code.toLowerCase().replace(/[^a-z2-7]/g, '');
  return createHash('sha256').update(`parley recovery code\0${userId}\0${plain}`).digest('hex');
}
