import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are equal, in a time that tells nothing about where (or whether in length) they differ. */
export function constantTimeEqual(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/**
 * Eight hex digits by which people tell two secrets apart. Too short to confirm a guess with certainty, and of no use
 * for finding a random secret.
 */
export function fingerprint(secret: string): string {
  return sha256(`parley fingerprint\0${secret}`).toString('hex').slice(0, 8);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
