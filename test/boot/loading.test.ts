import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('loaded.ts', import.meta.url));
/** Some seven thousand names with their files. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

test('every name in every file stands for what Node finds', async () => {
  const [found, hastened] = await Promise.all([namesOf(), namesOf('hastened')]);
  expect(Object.keys(found).length).toBeGreaterThan(3_000);
  expect(hastened).toEqual(found);
});

async function namesOf(...args: string[]): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { maxBuffer: MAX_OUTPUT_BYTES });
  return JSON.parse(stdout);
}
