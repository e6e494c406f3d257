import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '../errors/index.ts';

/** Name of the generated key's file in the data folder. */
export const MASTER_KEY_FILE = 'master.key';

export interface LoadMasterKeyOptions {
  /** Value of PARLEY_MASTER_KEY; it wins over the file. */
  value?: string | undefined;
  /** Folder that holds (or will hold) the generated key. */
  dataDir: string;
  /** Whether a missing key may be made: true for `start`, false where several machines must share one key. */
  generate: boolean;
}

/**
 * The 32 bytes under which secrets are encrypted at rest: from the environment, else from the data folder, else newly
 * generated there. Throws `invalid_config` when there is none or it is malformed.
 */
export async function loadMasterKey(options: LoadMasterKeyOptions): Promise<Buffer> {
  if (options.value) return parseMasterKey(options.value, 'PARLEY_MASTER_KEY');
  const file = join(options.dataDir, MASTER_KEY_FILE);
  const stored = await readIfThere(file);
  if (stored !== undefined) return parseMasterKey(stored, file);
  if (!options.generate) {
    throw new ParleyError(
      'invalid_config',
      `PARLEY_MASTER_KEY is not set and there is no ${file}. Make one with: openssl rand -base64 32`,
    );
  }
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  await createOnce(file, `${randomBytes(32).toString('base64')}\n`);
  return parseMasterKey(await readFile(file, 'utf8'), file);
}

/** Decodes a key; `where` names its source in the error, which never shows the value. */
export function parseMasterKey(text: string, where: string): Buffer {
  const value = text.trim();
  if (!/^[A-Za-z0-9+/]{43}=?$/.test(value)) {
    throw new ParleyError(
      'invalid_config',
      `${where} must be 32 bytes in base64 (44 characters). Make one with: openssl rand -base64 32`,
    );
  }
  return Buffer.from(value, 'base64');
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw new ParleyError('invalid_config', `Cannot read the master key in ${file}`, { cause: error });
  }
}

/**
 * Writes the file whole or not at all, and never over an existing one: `link` fails if another process was faster, and
 * then its key is the key. The file is on disk before anything is sealed with it.
 */
async function createOnce(file: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
