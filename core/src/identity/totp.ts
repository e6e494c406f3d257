import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Time-based one-time passwords as every authenticator app makes them: RFC 6238 with SHA-1, 30 seconds, six digits. */
export const TOTP_STEP_SECONDS = 30;
const DIGITS = 6;
/** RFC 4226 recommends 160 bits. */
const SECRET_BYTES = 20;
/** Clocks of telephones are a little off: one step to either side (RFC 6238, 5.2). */
const TOLERATED_STEPS = 1;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret in base32. */
export const newTotpSecret = (): string => base32(randomBytes(SECRET_BYTES));

/** What the QR code says. */
export function totpUri(secret: string, username: string, issuer = 'Parley'): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`;
  const query = new URLSearchParams({ secret, issuer, algorithm: 'SHA1', digits: '6', period: '30' });
  return `otpauth://totp/${label}?${query}`;
}

/**
 * The time step a code belongs to, or undefined when it is wrong. All steps are compared, in constant time. The caller
 * remembers the step: a code of that step or an earlier one is not taken again.
 *
 * @param nowMs Unix ms
 */
export function totpStepOf(secret: string, code: string, nowMs: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const key = unbase32(secret);
  const given = Buffer.from(code);
  const present = Math.floor(nowMs / 1000 / TOTP_STEP_SECONDS);
  let found: number | undefined;
  for (let step = present - TOLERATED_STEPS; step <= present + TOLERATED_STEPS; step++) {
    if (timingSafeEqual(Buffer.from(hotp(key, step)), given)) found = step;
  }
  return found;
}

/** The code of a moment; for tests and for people who write their own authenticator. */
export function totpAt(secret: string, nowMs: number): string {
  return hotp(unbase32(secret), Math.floor(nowMs / 1000 / TOTP_STEP_SECONDS));
}

/** RFC 4226, 5.3. */
function hotp(key: Buffer, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const digest = createHmac('sha1', key).update(message).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** RFC 4648, without padding: apps do not want it. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let [value, bits] = [0, 0];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET.charAt((value >>> (bits - 5)) & 31);
  }
  return bits > 0 ? text + ALPHABET.charAt((value << (5 - bits)) & 31) : text;
}

function unbase32(text: string): Buffer {
  const bytes: number[] = [];
  let [value, bits] = [0, 0];
  for (const letter of text) {
    value = ((value << 5) | ALPHABET.indexOf(letter)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >>> bits) & 0xff);
  }
  return Buffer.from(bytes);
}
