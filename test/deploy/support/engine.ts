import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { createBaseFiles } from './base-image.ts';
import { ROOT } from './files.ts';
import { findProgram } from './programs.ts';

const run = promisify(execFile);
const podman = findProgram('podman', 'podman');
/** Not crun: that one refuses machines with both versions of control groups. */
const runc = findProgram('runc', 'runc');

/** Why no image can be built and run here; empty when it can. For the title of the tests that need it. */
export const noEngine = ((): string => {
  for (const { missing, note } of [podman, runc]) if (missing) return note;
  if (process.getuid?.() !== 0) return '(skipped: needs root)';
  if (!/^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))) return '(skipped: needs Debian)';
  const failure = tryOut();
  return failure === undefined ? '' : `(skipped: podman runs nothing here: ${failure})`;
})();

/**
 * Builds and runs the smallest image there is: what a container may do to this machine's namespaces, mounts and control
 * groups is different everywhere. Returns what podman says when it cannot.
 */
function tryOut(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'parley-engine-'));
  const call = (...args: string[]) =>
    execFileSync(podman.path, [...ownFolders(folder), ...args], {
      cwd: folder,
      env: { ...process.env, CONTAINERS_CONF: join(folder, 'containers.conf') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  try {
    writeFileSync(join(folder, 'containers.conf'), settingsIn(folder));
    // It is linked statically, so it is all that the image needs.
    copyFileSync('/sbin/ldconfig', join(folder, 'ldconfig'));
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY ldconfig /\nRUN ["/ldconfig", "--version"]\n');
    call('build', '--quiet', '--network=host', '--layers=false', '--tag', 'localhost/smallest', folder);
    call('run', '--rm', '--network=host', '--log-driver=none', 'localhost/smallest', '/ldconfig', '--version');
    return undefined;
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    return (stderr?.toString() || String(error)).trim().split('\n').at(-1);
  } finally {
    removeSync(folder);
  }
}

function ownFolders(folder: string): string[] {
  return ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
}

/** With what podman leaves mounted in it. */
function removeSync(folder: string): void {
  spawnSync('umount', [join(folder, 'root/overlay')], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}

/** A builder and runner of images without a daemon, whose images are gone with it. */
export interface Engine {
  /** Runs a command of podman to its end; returns its output, throws with its errors. */
  podman(...args: string[]): Promise<string>;
  /** The words of a podman command, for whoever runs it otherwise. */
  words(...args: string[]): string[];
  /** Imports a base image of this Debian and of the Node that runs the tests. */
  importBase(name: string): Promise<void>;
  /** Builds a Dockerfile of the repository and all its stages, as it is. */
  build(dockerfile: string, name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function createEngine(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-engine-'));
  const settings = join(folder, 'containers.conf');
  await writeFile(settings, settingsIn(folder));
  const own = [podman.path, ...ownFolders(folder)];
  const words: Engine['words'] = (...args) => ['/usr/bin/env', `CONTAINERS_CONF=${settings}`, ...own, ...args];
  const call = async (...args: string[]) => {
    const [program = '', ...rest] = words(...args);
    return (await run(program, rest, { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 })).stdout;
  };
  return {
    podman: call,
    words,
    async importBase(name) {
      const files = join(folder, 'base');
      await createBaseFiles(files);
      await run('tar', ['-C', files, '-cf', `${files}.tar`, '.']);
      await rm(files, { recursive: true });
      await call('import', '--quiet', ...environment(), `${files}.tar`, name);
      await rm(`${files}.tar`);
    },
    async build(dockerfile, name) {
      await call(
        ...['build', '--quiet', '--pull=never', '--network=host', '--layers=false', ...downloads()],
        ...['--file', dockerfile, '--tag', name, '.'],
      );
    },
    async stop() {
      await call('rm', '--all', '--force', '--time', '0').catch(() => undefined);
      removeSync(folder);
    },
  };
}

/**
 * What npm and pnpm keep of their downloads, under the same paths for the builder: `npm test` has fetched all of it a
 * moment ago. As overlays: what is written goes nowhere. A machine that keeps it elsewhere fetches it again.
 */
function downloads(): string[] {
  return ['.npm', '.cache/pnpm', '.local/share/pnpm']
    .map((folder) => join(homedir(), folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => ['--volume', `${folder}:/root/${relative(homedir(), folder)}:O`]);
}

/** Nothing is shared with containers that somebody runs on this machine; nothing of theirs is managed here. */
function settingsIn(folder: string): string {
  return `
[engine]
tmp_dir = "${folder}/tmp"
lock_type = "file"
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
[containers]
default_ulimits = []
`;
}

/** As the official image says; and where Node finds certificates that this machine trusts beside the usual ones. */
function environment(): string[] {
  const settings = [`NODE_VERSION=${process.versions.node}`];
  if (process.env.NODE_EXTRA_CA_CERTS) settings.push('NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt');
  return settings.flatMap((setting) => ['--change', `ENV ${setting}`]);
}
