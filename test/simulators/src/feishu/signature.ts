import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * Encrypts an event the way Feishu does: AES-256-CBC under SHA-256 of the Encrypt Key, the IV in front, all in base64.
 * https://open.feishu.cn/document/server-docs/event-subscription-guide/event-subscription-configure-/encrypt-key-encryption-configuration-case
 */
export function encrypt(plain: string, encryptKey: string, iv: Buffer = randomBytes(16)): string {
  const key = createHash('sha256').update(encryptKey).digest();
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}

/** The headers of a signed event: a SHA-256 over timestamp, nonce, Encrypt Key and the body's bytes as they are sent. */
export function signatureHeaders(body: string, encryptKey: string, nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const nonce = String(randomBytes(4).readUInt32BE());
  return {
    'X-Lark-Request-Timestamp': timestamp,
    'X-Lark-Request-Nonce': nonce,
    'X-Lark-Signature': createHash('sha256')
      .update(timestamp + nonce + encryptKey + body)
      .digest('hex'),
  };
}
