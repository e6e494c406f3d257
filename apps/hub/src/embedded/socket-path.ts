import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParleyError } from '@parley/core/errors';

/** Longest path a Unix socket may have (sun_path, 108 bytes with its end). */
const SOCKET_PATH_MAX = 100;

/** Where a Unix socket of that folder is: in it, or, where its path is too long for one, in a folder of this user. */
export function socketPath(dir: string, fileName: string): string {
  const inside = join(dir, fileName);
  if (Buffer.byteLength(inside) <= SOCKET_PATH_MAX) return inside;
  const name = createHash('sha256').update(dir).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `parley-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Anybody may have made a folder of that name in a shared place, and would then be the one that we talk to.
  const { uid, mode } = lstatSync(folder);
  if (uid !== (process.getuid?.() ?? uid) || (mode & 0o077) !== 0)
    throw new ParleyError('unavailable', `${folder} is open to others: remove it, or shorten PARLEY_DATA_DIR`);
  return join(folder, `${name}.sock`);
}
