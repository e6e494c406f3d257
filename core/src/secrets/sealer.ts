import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { ParleyError } from '../errors/index.ts';
import { createRandomPool } from './random.ts';

/**
 * Encrypts secrets for storage. `context` says where the secret belongs (`acme/channel/acme-slack`): a sealed text that
 * is moved to another place does not open there.
 */
export interface Sealer {
  /** Short name of the master key; part of every sealed text. */
  readonly keyId: string;
  seal(plaintext: string, context: string): string;
  /** Throws `invalid_config` for another master key, `internal` for a text that was altered or moved. */
  open(sealed: string, context: string): string;
  /** Keyed hash (hex) by which two plaintexts are found equal without opening them: sealing is randomised. */
  digest(plaintext: string, context: string): string;
}

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with random 96-bit nonces under keys derived from the 32-byte master key.
 *
 * @param others master keys whose texts open as well, while keys are changed; nothing is sealed under them
 */
export function createSealer(masterKey: Uint8Array, others: readonly Uint8Array[] = []): Sealer {
  if (masterKey.length !== 32) throw new ParleyError('invalid_config', 'The master key must be 32 bytes long');
  // Key objects: from bytes Node would make one for every single use.
  const sealKey = createSecretKey(derive(masterKey, 'seal'));
  const digestKey = createSecretKey(derive(masterKey, 'digest'));
  const random = createRandomPool();
  const keyId = keyIdOf(masterKey);
  const openKeys = new Map(others.map((other) => [keyIdOf(other), createSecretKey(derive(other, 'seal'))]));
  openKeys.set(keyId, sealKey);

  return {
    keyId,
    seal(plaintext, context) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce);
      cipher.setAAD(additionalData(context));
      const body = Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${VERSION}.${keyId}.${body.toString('base64url')}`;
    },
    open(sealed, context) {
      const parts = takeApart(sealed);
      const key = openKeys.get(parts.keyId);
      if (!key) {
        throw new ParleyError(
          'invalid_config',
          `A secret was encrypted under master key ${parts.keyId}, but this hub runs with ${keyId}. Set PARLEY_MASTER_KEY to the key that belongs to this database.`,
        );
      }
      return decrypt(key, parts.body, context);
    },
    digest(plaintext, context) {
      return createHmac('sha256', digestKey)
        .update(JSON.stringify([context, plaintext]))
        .digest('hex');
    },
  };
}

/** The same secret under another master key; a text that is under it already comes back as it is. */
export function reseal(sealed: string, context: string, from: Sealer, to: Sealer): string {
  if (takeApart(sealed).keyId === to.keyId) return sealed;
  return to.seal(from.open(sealed, context), context);
}

function decrypt(key: KeyObject, body: Buffer, context: string): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData(context));
    decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
    const text = decipher.update(body.subarray(NONCE_BYTES, body.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (error) {
    throw new ParleyError('internal', `The secret of ${context} was altered or belongs elsewhere`, { cause: error });
  }
}

function takeApart(sealed: string): { keyId: string; body: Buffer } {
  const [version, keyId, text, ...rest] = sealed.split('.');
  const body = Buffer.from(text ?? '', 'base64url');
  // Decoding skips what is not base64url; re-encoding makes sure that one secret has one spelling.
  const wellFormed = rest.length === 0 && body.length >= NONCE_BYTES + TAG_BYTES && body.toString('base64url') === text;
  if (version !== VERSION || !keyId || !wellFormed) {
    throw new ParleyError('internal', 'A stored secret is not in the sealed format v1');
  }
  return { keyId, body };
}

function additionalData(context: string): Buffer {
  return Buffer.from(`parley ${VERSION}\0${context}`, 'utf8');
}

const keyIdOf = (masterKey: Uint8Array) => derive(masterKey, 'key id').toString('hex').slice(0, 8);

function derive(masterKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', `parley ${VERSION} ${purpose}`, 32));
}
