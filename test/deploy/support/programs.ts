import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps servers, which are not in everybody's PATH. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/bin'];

/**
 * A program that checks or runs a file of `deploy`. `npm test` installs it when it can (deploy/bootstrap/programs.mjs);
 * where it is missing all the same its tests are skipped, and their title says what to install.
 */
export interface Program {
  /** Empty when it is missing. */
  path: string;
  missing: boolean;
  /** For the title of the tests that need it. */
  note: string;
}

export function findProgram(name: string, debianPackage: string): Program {
  const path = FOLDERS.map((folder) => join(folder, name)).find(isExecutable) ?? '';
  const missing = path === '';
  return { path, missing, note: missing ? `(skipped: needs ${name}, apt-get install ${debianPackage})` : '' };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
