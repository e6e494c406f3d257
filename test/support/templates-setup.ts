import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the test files of one run leave for each other what takes long to make; see templates.ts. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Once, for both projects.
  if (process.env.PARLEY_TEST_TEMPLATES !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'parley-templates-'));
  process.env.PARLEY_TEST_TEMPLATES = folder;
  return () => rm(folder, { recursive: true, force: true });
}
