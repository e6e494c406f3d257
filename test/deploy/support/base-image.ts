import { execFile } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { appendFile, chmod, copyFile, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Of npm's 11, which the official image has, too. */
const NPM = 'npm@11.21.2';
/** What the official image has beside Debian's essential packages: apt, and what Node is linked against. */
const WANTED = ['apt', 'debian-archive-keyring', 'libstdc++6'];
/** Left out of Debian's slim images as well. */
const NOT_IN_SLIM = /^\/usr\/share\/(doc|man|info|locale|lintian)\//;
/** Made by the packages' scripts, not listed in them. */
const UNLISTED = ['/usr/bin/awk', '/etc/alternatives/awk', '/usr/bin/which', '/etc/alternatives/which'];
/** Links of a merged /usr: before Debian 13 no package lists them. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'];

/**
 * A stand-in for `node:VERSION-slim`, whose registry tests do not reach: the root file system of a small Debian, put
 * together in seconds from the packages that this Debian has installed, with the Node that runs the tests and npm from its
 * registry. Like the official image it has a user `node` with the id 1000. The folder must not be there yet.
 */
export async function createBaseFiles(root: string): Promise<void> {
  await mkdir(root, { mode: 0o755 });
  const packages = await closure(await installedPackages());
  for (const folder of MERGED) {
    const source = lstatSync(`/${folder}`, { throwIfNoEntry: false });
    if (!source?.isSymbolicLink()) continue;
    await mkdir(join(root, 'usr', folder), { recursive: true });
    await symlink(`usr/${folder}`, join(root, folder));
  }
  await copyFiles(await filesOf(packages), root);
  await describePackages(packages, root);
  await addAccounts(root);
  await addNode(root);
  await run('ldconfig', ['-r', root]);
}

interface DebianPackage {
  name: string;
  essential: boolean;
  /** Its own name, and what it stands in for. */
  provides: string[];
  /** Each an "or" of names. */
  needs: string[][];
}

async function installedPackages(): Promise<DebianPackage[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
  const format = '${Package}\t${Essential}\t${Provides}\t${Pre-Depends}, ${Depends}\n';
  const { stdout } = await run('dpkg-query', ['-W', '-f', format], { maxBuffer: MAX_OUTPUT_BYTES });
  const names = (list: string, separator: string | RegExp) =>
    list.split(separator).flatMap((item) => /^\s*([^\s:(]+)/.exec(item)?.[1] ?? []);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([name = '', essential, provides = '', needs = '']) => ({
      name,
      essential: essential === 'yes',
      provides: [name, ...names(provides, ',')],
      needs: needs.split(',').map((need) => names(need, '|')),
    }));
}

/** Names of the essential packages, of those wanted, and of all that they need. */
async function closure(installed: DebianPackage[]): Promise<string[]> {
  const taken = new Set(installed.filter(({ name, essential }) => essential || WANTED.includes(name)));
  for (const { needs } of taken) {
    for (const alternatives of needs) {
      const found = alternatives
        .map((wanted) => installed.find(({ provides }) => provides.includes(wanted)))
        .find((candidate) => candidate !== undefined);
      if (found) taken.add(found);
    }
  }
  return [...taken].map(({ name }) => name);
}

async function filesOf(packages: string[]): Promise<string[]> {
  const { stdout } = await run('dpkg-query', ['-L', ...packages], { maxBuffer: MAX_OUTPUT_BYTES });
  // Between the paths it says what is diverted.
  const listed = stdout.split('\n').filter((line) => line.startsWith('/') && line !== '/.' && !NOT_IN_SLIM.test(line));
  return [...new Set([...listed, ...UNLISTED])].filter((path) => lstatSync(path, { throwIfNoEntry: false }));
}

/** Through a list, so that folders come without what other packages have put there. */
async function copyFiles(paths: string[], root: string): Promise<void> {
  const list = join(root, '.files');
  await writeFile(list, paths.map((path) => path.slice(1)).join('\n'));
  await run('sh', [
    '-c',
    `tar -C / --no-recursion -T "$1" -cf - | tar -C "$2" --keep-directory-symlink -xpf -`,
    'sh',
    list,
    root,
  ]);
  await rm(list);
}

/** dpkg's own records of these packages, so that apt can add to them; and where it finds more. */
async function describePackages(packages: string[], root: string): Promise<void> {
  const records = readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n');
  const isTaken = (name = '') => packages.includes(name);
  const kept = records.filter((record) => isTaken(/^Package: (.*)$/m.exec(record)?.[1]));
  const admin = join(root, 'var/lib/dpkg');
  for (const folder of ['info', 'updates', 'triggers', 'parts', 'alternatives'])
    await mkdir(join(admin, folder), { recursive: true });
  await writeFile(join(admin, 'status'), `${kept.join('\n\n')}\n\n`);
  await copyFile('/var/lib/dpkg/diversions', join(admin, 'diversions'));
  for (const file of await readdir('/var/lib/dpkg/info'))
    if (file === 'format' || isTaken(/^(.*?)(:[a-z0-9]+)?\.[a-z0-9]+$/.exec(file)?.[1]))
      await copyFile(`/var/lib/dpkg/info/${file}`, join(admin, 'info', file));
  await rm(join(root, 'etc/apt/sources.list.d'), { recursive: true, force: true });
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  // Debian's images keep apt from leaving its caches behind.
  await writeFile(
    join(root, 'etc/apt/apt.conf.d/docker-clean'),
    'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache ""; APT::Keep-Downloaded-Packages "false";\n',
  );
  await writeFile(join(root, 'etc/apt/sources.list'), `deb http://deb.debian.org/debian ${release} main\n`);
}

async function addAccounts(root: string): Promise<void> {
  for (const file of ['passwd', 'group'])
    await copyFile(join(root, `usr/share/base-passwd/${file}.master`), join(root, 'etc', file));
  await appendFile(
    join(root, 'etc/passwd'),
    '_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\nnode:x:1000:1000::/home/node:/bin/bash\n',
  );
  await appendFile(join(root, 'etc/group'), 'node:x:1000:\n');
  await copyFile(join(root, 'usr/share/libc-bin/nsswitch.conf'), join(root, 'etc/nsswitch.conf'));
  await mkdir(join(root, 'home/node'), { recursive: true });
  await run('chown', ['1000:1000', join(root, 'home/node')]);
  await chmod(join(root, 'tmp'), 0o1777);
}

async function addNode(root: string): Promise<void> {
  const local = join(root, 'usr/local');
  await mkdir(join(local, 'lib/node_modules'), { recursive: true });
  await mkdir(join(local, 'bin'), { recursive: true });
  await cp(process.execPath, join(local, 'bin/node'));
  const { stdout } = await run('npm', ['pack', NPM, '--silent', '--pack-destination', join(root, 'tmp')]);
  const archive = join(root, 'tmp', stdout.trim());
  await run('tar', ['-C', join(local, 'lib/node_modules'), '--no-same-owner', '-xzf', archive]);
  await run('mv', [join(local, 'lib/node_modules/package'), join(local, 'lib/node_modules/npm')]);
  await rm(archive);
  for (const name of ['npm', 'npx'])
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  // A machine whose registries are reached through a certificate of its own says so to its Node.
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  if (certificates) {
    await mkdir(join(root, 'etc/ssl/certs'), { recursive: true });
    await copyFile(certificates, join(root, 'etc/ssl/certs/ca-certificates.crt'));
  }
}
