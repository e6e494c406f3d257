import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Builds the web console when its sources or its packages have changed since the last build. The stamp lies in the
 * build's own folder, which a build empties first: one that was interrupted has none.
 *
 * @throws Error with the build's output
 */
export function buildConsole(root) {
  const folder = join(root, 'apps', 'console');
  const stampFile = join(folder, 'dist', '.parley-built');
  const wanted = fingerprint(root, folder);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;

  process.stderr.write('Building the console (first start, or it changed) …\n');
  const vite = join(folder, 'node_modules', 'vite', 'bin', 'vite.js');
  const result = spawnSync(join(root, 'node_modules', '.bin', 'node'), [vite, 'build'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    // Whatever the caller runs as, this is what is shipped.
    env: { ...process.env, NODE_ENV: 'production' },
    maxBuffer: 16 * 1024 * 1024,
  });
  if (result.error || result.status !== 0) {
    throw new Error(
      `Building the console failed:\n${result.error?.message ?? `${result.stdout}${result.stderr}`}`.trimEnd(),
    );
  }
  writeFileSync(stampFile, wanted);
}

function fingerprint(root, folder) {
  const hash = createHash('sha256');
  for (const file of [...sources(folder), join(root, 'pnpm-lock.yaml')]) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Every file of the console but what is installed or built, in a settled order. */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== 'dist')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sources(path) : [path];
    })
    .sort();
}
