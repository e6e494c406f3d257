import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { ParleyError } from '../errors/index.ts';
import { constantTimeEqual } from '../secrets/index.ts';

/** Which piece of which backup a part is: moved anywhere else, it does not open. */
export interface PartPlace {
  /** Random for every backup, base64. */
  salt: string;
  file: string;
  /** From 0. */
  index: number;
  isLast: boolean;
}

/** What encrypts and authenticates backups. */
export interface BackupKey {
  /** Short name; stands in every manifest. */
  readonly id: string;
  /** `master`: derived from the master key; `own`: PARLEY_BACKUP_KEY. */
  readonly source: 'master' | 'own';
  /** AES-256-GCM; the tag comes last. */
  seal(plain: Buffer, place: PartPlace): Buffer;
  /** @throws ParleyError `invalid_request` for a part that was altered, cut off or moved */
  open(sealed: Buffer, place: PartPlace): Buffer;
  /** Hex. */
  mac(text: string, salt: string): string;
  isMac(text: string, salt: string, mac: string): boolean;
}

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** @param material the 32 bytes of the master key, or of a key of the backups' own */
export function createBackupKey(material: Uint8Array, source: BackupKey['source']): BackupKey {
  if (material.length !== 32) throw new ParleyError('invalid_config', 'A backup key must be 32 bytes long');
  const root = derive(material, '', source === 'master' ? 'parley v1 backup' : 'parley backup v1');
  const mac = (text: string, salt: string) =>
    createHmac('sha256', derive(root, salt, 'manifest'))
      .update(text)
      .digest('hex');
  return {
    id: derive(root, '', 'key id').toString('hex').slice(0, 8),
    source,
    seal(plain, place) {
      const cipher = createCipheriv('aes-256-gcm', fileKey(root, place), nonceOf(place));
      cipher.setAAD(describe(place));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, place) {
      const end = Math.max(0, sealed.length - TAG_BYTES);
      try {
        const decipher = createDecipheriv('aes-256-gcm', fileKey(root, place), nonceOf(place), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(describe(place));
        decipher.setAuthTag(sealed.subarray(end));
        return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
      } catch (error) {
        throw new ParleyError('invalid_request', 'was altered, or belongs elsewhere', { cause: error });
      }
    },
    mac,
    isMac: (text, salt, given) => constantTimeEqual(mac(text, salt), given),
  };
}

/** A key for every file of every backup, because of its salt: so a counter is a nonce that never comes twice. */
const fileKey = (root: Buffer, { salt, file }: PartPlace) => derive(root, salt, `file ${file}`);

function nonceOf({ index }: PartPlace): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(index, NONCE_BYTES - 4);
  return nonce;
}

/** That it is the last part is sealed with it: a file that ends too early is told from a whole one. */
const describe = ({ file, index, isLast }: PartPlace) =>
  Buffer.from(`parley backup v1\0${file}\0${index}\0${isLast ? 'last' : 'more'}`);

function derive(material: Uint8Array, salt: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, Buffer.from(salt, 'base64'), purpose, 32));
}
