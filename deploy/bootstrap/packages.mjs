import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Exact, like every other version: what is fetched to install the rest must not be another one tomorrow. */
const PNPM = 'pnpm@12.21.0';

/**
 * Installs the npm packages with pnpm when they are missing or when the lockfile or a manifest has changed since.
 * The stamp file says what was installed last; comparing it costs milliseconds.
 */
export async function installPackages(root) {
  const stampFile = join(root, 'node_modules', '.parley-installed');
  const wanted = fingerprint(root);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;

  process.stderr.write('Installing packages (first start, or they changed) …\n');
  const result = spawnSync('npx', ['-y', PNPM, 'install', '--frozen-lockfile'], {
    cwd: root,
    encoding: 'utf8',
    // pnpm must ask nothing, and progress bars belong to people who asked for an install.
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 16 * 1024 * 1024,
  });
  if (result.error || result.status !== 0) {
    throw new Error(
      `Installing the packages failed (npx -y ${PNPM} install --frozen-lockfile):\n${result.error?.message ?? `${result.stdout}${result.stderr}`}\n` +
        'The npm registry must be reachable for the first start (npm config get registry).',
    );
  }
  writeFileSync(stampFile, wanted);
}

function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests(root)])
    hash.update(readFileSync(join(root, file)));
  hash.update(`${process.platform}-${process.arch}`);
  return hash.digest('hex');
}

/** package.json of the root and of every workspace folder, at most two levels deep. */
function manifests(root) {
  const folders = ['.', 'core', 'workers', 'test'];
  for (const parent of ['apps', 'adapters', 'test']) {
    for (const entry of readdirSync(join(root, parent), { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(join(parent, entry.name));
    }
  }
  return folders.map((folder) => join(folder, 'package.json')).filter((file) => existsSync(join(root, file)));
}
