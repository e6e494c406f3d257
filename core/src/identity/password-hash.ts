import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { ParleyError } from '../errors/index.ts';

/** What one hash costs: memory in KiB, passes over it, lanes. */
export interface HashCost {
  memoryKib: number;
  passes: number;
  lanes: number;
}

/** OWASP's Password Storage Cheat Sheet for argon2id: 19 MiB, two passes, one lane. */
export const HASH_COST: HashCost = { memoryKib: 19_456, passes: 2, lanes: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const ARGON2_VERSION = 19;
const MOST_MEMORY_KIB = 1024 * 1024;
const MOST_PASSES = 100;

/** A stored password taken apart. */
export interface ParsedHash extends HashCost {
  salt: Buffer;
  hash: Buffer;
}

/** Hashes a password with argon2id under a new salt, as a PHC string: `$argon2id$v=19$m=…,t=…,p=…$SALT$HASH`. */
export async function hashPassword(password: string, cost: HashCost = HASH_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { ...cost, salt, hash: Buffer.alloc(HASH_BYTES) });
  const { memoryKib, passes, lanes } = cost;
  const parameters = `m=${memoryKib},t=${passes},p=${lanes}`;
  return `$argon2id$v=${ARGON2_VERSION}$${parameters}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether a password belongs to a stored hash; compared in constant time. @throws ParleyError `internal` when malformed */
export async function verifyHash(password: string, stored: string): Promise<boolean> {
  const parsed = parseHash(stored);
  return timingSafeEqual(await derive(password, parsed), parsed.hash);
}

/** Whether a stored hash was made more cheaply than is done today. */
export function isOutdated(stored: string, cost: HashCost = HASH_COST): boolean {
  const { memoryKib, passes, lanes, hash } = parseHash(stored);
  const weaker = memoryKib < cost.memoryKib || passes < cost.passes;
  return weaker || lanes !== cost.lanes || hash.length < HASH_BYTES;
}

/** Takes a PHC string apart; the bounds keep a row that somebody tampered with from eating the machine. */
export function parseHash(stored: string): ParsedHash {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/.exec(
      stored,
    );
  const [, memory, passes, lanes, salt = '', hash = ''] = match ?? [];
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  if (!match || cost.memoryKib > MOST_MEMORY_KIB || cost.passes > MOST_PASSES) {
    throw new ParleyError('internal', 'A stored password hash is not in the PHC format of argon2id');
  }
  return { ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function derive(password: string, { memoryKib, passes, lanes, salt, hash }: ParsedHash): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    // One spelling of what looks the same on every keyboard (NIST SP 800-63B, 3.1.1.2).
    message: Buffer.from(password.normalize('NFKC'), 'utf8'),
    nonce: salt,
    parallelism: lanes,
    tagLength: hash.length,
    memory: memoryKib,
    passes,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, derived) => (error ? reject(error) : resolve(derived)));
  });
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
