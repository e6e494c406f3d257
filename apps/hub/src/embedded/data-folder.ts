import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ParleyError } from '@parley/core/errors';

const ADVICE = 'Stop it first, or give this one its own PARLEY_DATA_DIR.';

/**
 * Makes the data folder ours alone: two hubs on one folder would write over each other's database. The lock names the
 * process that holds it; one left behind by a killed hub is taken over.
 *
 * @param advice what to do when a hub runs on it; the default is for another hub
 * @returns how to give it back
 */
export function lockDataFolder(dataDir: string, advice: string = ADVICE): () => void {
  const folder = resolve(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'hub.lock');
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(file, 'utf8'));
    if (isHub(holder)) {
      throw new ParleyError('unavailable', `Another hub (process ${holder}) uses ${folder}. ${advice}`);
    }
    rmSync(file, { force: true });
  }
  throw new ParleyError('unavailable', `Cannot lock ${folder}`);
}

/** Whether a process with that id lives and is a hub: after a reboot the id may belong to anybody. */
function isHub(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.ts');
  } catch {
    return true; // no /proc here: better refuse than share
  }
}
