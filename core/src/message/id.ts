import { createRandomPool } from '../secrets/random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const random = createRandomPool();

/**
 * A request id: ULID (48 bits of Unix ms, 80 random bits; github.com/ulid/spec) in lower case, 26 characters. Sorts by
 * time, safe in URLs, keys and every platform's idempotency field, and short enough to read out to an administrator.
 */
export function newRequestId(nowMs: number = Date.now()): string {
  let time = '';
  let rest = nowMs;
  for (let i = 0; i < 10; i++) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let id = time;
  for (const byte of random(16)) id += ALPHABET.charAt(byte & 31);
  return id;
}
