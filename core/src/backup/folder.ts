import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ParleyError } from '../errors/index.ts';
import { type BackupPlace, MAX_FILE_BYTES } from './place.ts';

/** Backups in a folder of this machine, or of one that is mounted. Readable by its owner alone. */
export function folderPlace(path: string): BackupPlace {
  const root = resolve(path);
  const guarded = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      const code = codeOf(error) ?? String(error);
      throw new ParleyError('unavailable', `Backups in ${root}: ${what} failed (${code})`, { cause: error });
    }
  };
  return {
    name: root,
    folders: () =>
      guarded('listing', async () => {
        const entries = await unlessMissing([], readdir(root, { withFileTypes: true }));
        return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      }),
    files: (folder) => guarded('listing', () => unlessMissing([], readdir(join(root, folder)))),
    read: (folder, file) => guarded('reading', () => unlessMissing(undefined, readWhole(join(root, folder, file)))),
    write: (folder, file, bytes) => guarded('writing', () => writeWhole(join(root, folder), file, bytes)),
    remove: (folder, files) =>
      guarded('removing', async () => {
        for (const file of files) await rm(join(root, folder, file), { force: true });
        if ((await unlessMissing([], readdir(join(root, folder)))).length === 0) {
          await unlessMissing(undefined, rmdir(join(root, folder)));
        }
      }),
    close() {},
  };
}

async function readWhole(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES) throw new ParleyError('invalid_request', `${path} is too large for a part of a backup`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Under another name first: a file that has its name is whole, and on disk. */
async function writeWhole(folder: string, file: string, bytes: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `.${file}.${randomBytes(4).toString('hex')}`);
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await rename(draft, join(folder, file));
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
}

async function unlessMissing<T>(fallback: T, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return fallback;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
