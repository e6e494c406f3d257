import { createDecipheriv, createHash, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ParleyError } from '@parley/core/errors';

const IV_BYTES = 16;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The key that events are encrypted with: SHA-256 of the Encrypt Key. From bytes Node would make one for every event. */
export function eventKey(encryptKey: string): KeyObject {
  return createSecretKey(digest(encryptKey));
}

/**
 * Decrypts the `encrypt` field of an event: AES-256-CBC with PKCS#7 padding, the first 16 bytes are the IV (https://open.feishu.cn/document/server-docs/event-subscription-guide/event-subscription-configure-/encrypt-key-encryption-configuration-case).
 * Throws `invalid_request` for anything that was not made with this key.
 */
export function decrypt(key: KeyObject, ciphertext: string): string {
  const bytes = Buffer.from(ciphertext, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, IV_BYTES));
    const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES)), decipher.final()]);
    return UTF8.decode(plain);
  } catch {
    throw new ParleyError('invalid_request', 'the event cannot be decrypted with the encrypt_key of this channel');
  }
}

/** `hex(SHA256(timestamp + nonce + encryptKey + body))` over the bytes as they came; plain SHA-256, not an HMAC. */
export function signatureOf(timestamp: string, nonce: string, encryptKey: string, rawBody: Buffer): string {
  return createHash('sha256')
    .update(timestamp + nonce + encryptKey)
    .update(rawBody)
    .digest('hex');
}

/** Compares in constant time. Digests have one length, which also keeps the secret's length a secret. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(value: string): Buffer {
  return hash('sha256', value, 'buffer');
}
