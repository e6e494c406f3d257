import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that do not come from npm: the Debian package that has them, and folders outside PATH where they may be. */
const PROGRAMS = {
  'redis-server': { debian: 'redis-server', folders: () => [] },
  postgres: {
    debian: 'postgresql',
    folders: () => versions('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`),
  },
  // What reads the files under deploy: without them the tests that feed those are skipped.
  nginx: { debian: 'nginx', folders: () => ['/usr/sbin'] },
  prometheus: { debian: 'prometheus', folders: () => [] },
  amtool: { debian: 'prometheus-alertmanager', folders: () => [] },
  // Shows the console to test/browser.
  chromium: { debian: 'chromium', folders: () => [] },
  supervisord: { debian: 'supervisor', folders: () => [] },
  'systemd-analyze': { debian: 'systemd', folders: () => [] },
  kubectl: { debian: 'kubernetes-client', folders: () => [] },
  // Build the image and run it; runc takes every kind of control groups, which crun does not.
  podman: { debian: 'podman', folders: () => [] },
  runc: { debian: 'runc', folders: () => ['/usr/sbin'] },
  'docker-compose': { debian: 'docker-compose', folders: () => [] },
};

/**
 * Makes sure that every named program can be run: installs the Debian package when we are root and apt is there, else
 * throws with what to do. Returns the folders to add to PATH.
 */
export async function requirePrograms(names) {
  const missing = names.filter((name) => find(name) === undefined);
  if (missing.length > 0) install(missing);
  const stillMissing = names.filter((name) => find(name) === undefined);
  if (stillMissing.length > 0) throw new Error(instruction(stillMissing));
  return names.map((name) => find(name)).filter((folder) => folder);
}

/** Installs what is missing of these where that is possible; says what will be left out where it is not. */
export function offerPrograms(names) {
  const missing = names.filter((name) => find(name) === undefined);
  if (missing.length === 0) return;
  try {
    install(missing);
  } catch {
    // One that this system does not have must not keep the others away.
    for (const name of missing) tryToInstall(name);
  }
  const absent = missing.filter((name) => find(name) === undefined);
  if (absent.length === 0) return;
  const packages = absent.map((name) => PROGRAMS[name].debian).join(' ');
  process.stderr.write(`Without ${absent.join(', ')} some tests are skipped (apt-get install ${packages}).\n`);
}

function tryToInstall(name) {
  try {
    install([name]);
  } catch {
    // said by the caller
  }
}

/** The folder to add to PATH for a program; '' when PATH has it already; undefined when it is nowhere. */
function find(name) {
  const has = (folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  if ((process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && has(folder))) return '';
  return PROGRAMS[name].folders().find(has);
}

function install(names) {
  const packages = names.map((name) => PROGRAMS[name].debian);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) throw new Error(instruction(names));
  process.stderr.write(`Installing ${packages.join(', ')} with apt-get …\n`);
  withoutServices(() => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update'], { env, stdio: 'ignore' });
    const result = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
      env,
      encoding: 'utf8',
    });
    if (result.status !== 0)
      throw new Error(`apt-get install ${packages.join(' ')} failed:\n${result.stderr}\n${instruction(names)}`);
  });
}

/** Debian starts a service as it is installed; the hub runs its own processes, so a policy file says no meanwhile. */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n');
    chmodSync(policy, 0o755);
  }
  try {
    work();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

function instruction(names) {
  const packages = names.map((name) => PROGRAMS[name].debian).join(' ');
  return (
    `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} needed but not installed. Install with one of\n` +
    `  Debian/Ubuntu: sudo apt-get install ${packages}\n` +
    `  macOS:         brew install ${packages.replaceAll('redis-server', 'redis')}\n` +
    'or set REDIS_URL (and DATABASE_URL) to servers you already run.'
  );
}

function versions(folder) {
  return existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
}
