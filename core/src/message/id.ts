import { createRandomPool } from '../secrets/random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const CODES = Buffer.from(ALPHABET, 'latin1');
const RANDOM_CHARACTERS = 16;
const random = createRandomPool();
/** Many ids are made in one millisecond. */
let latest = { ms: Number.NaN, time: '' };

/**
 * A request id: ULID (48 bits of Unix ms, 80 random bits; github.com/ulid/spec) in lower case, 26 characters. Sorts by
 * time, safe in URLs, keys and every platform's idempotency field, and short enough to read out to an administrator.
 */
export function newRequestId(nowMs: number = Date.now()): string {
  if (nowMs !== latest.ms) latest = { ms: nowMs, time: timeOf(nowMs) };
  const characters = random(RANDOM_CHARACTERS);
  for (let i = 0; i < RANDOM_CHARACTERS; i++) characters[i] = CODES[(characters[i] ?? 0) & 31] ?? 0;
  return latest.time + characters.toString('latin1');
}

function timeOf(nowMs: number): string {
  let time = '';
  let rest = nowMs;
  for (let i = 0; i < 10; i++) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  return time;
}
