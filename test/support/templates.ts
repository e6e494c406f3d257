import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Fills the folder `target`, which is not there yet, with what takes seconds to make and is the same for everybody: an
 * empty database. The first of a run makes it, all others copy it. Outside a test run it is always made.
 *
 * @param name what it is; one name, one content
 * @param make makes `target` from nothing, and leaves nothing running on it
 */
export async function fillFromTemplate(name: string, target: string, make: () => Promise<void>): Promise<void> {
  // Set for the length of a run by templates-setup.ts.
  const folder = process.env.PARLEY_TEST_TEMPLATES;
  if (folder === undefined) return make();
  const template = join(folder, name);
  if (existsSync(template)) return copy(template, target);
  await make();
  // Another test file may be as far: whoever renames first has made it, and it is there whole or not at all.
  const draft = await mkdtemp(join(folder, `${name}-`));
  await copy(target, join(draft, 'whole'));
  await rename(join(draft, 'whole'), template).catch(() => undefined);
  await rm(draft, { recursive: true, force: true });
}

/** With owners and modes: Postgres refuses a folder of others. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['-a', from, to]);
}
