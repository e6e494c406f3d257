import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillFromTemplate } from './templates.ts';

export interface TestPostgres {
  /** Connection string of an empty database; over a Unix socket, so that no port can be taken. */
  url: string;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Listens on a port of 127.0.0.1 as well, with TLS: the texts of a certificate and its key. */
  tls?: { port: number; cert: string; key: string };
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

/**
 * Starts a real Postgres of its own in a temporary folder. Durability is off: it lives as long as a test. As root it
 * runs under the system user `postgres`, because the server refuses to run as root.
 */
export async function startPostgres({ tls }: PostgresOptions = {}): Promise<TestPostgres> {
  const bin = findBinaries();
  const user = process.getuid?.() === 0 ? systemUser('postgres') : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'parley-pg-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const options = { cwd: folder, env: { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' }, ...user };

  const data = join(folder, 'data');
  await fillFromTemplate('postgres', data, () => {
    const how = ['-U', 'parley', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    return succeeded(spawn(join(bin, 'initdb'), ['-D', data, ...how], options), 'initdb');
  });
  const settings = [
    `listen_addresses=${tls ? '127.0.0.1' : ''}`,
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=60',
    ...(tls ? [`port=${tls.port}`, 'ssl=on', ...certificates(data, tls, user)] : []),
  ];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], options);
  const killAtExit = (): void => void server.kill('SIGKILL');
  process.once('exit', killAtExit);
  await ready(server);

  return {
    url: `postgres://parley@localhost${tls ? `:${tls.port}` : ''}/postgres?host=${encodeURIComponent(folder)}`,
    async stop() {
      process.off('exit', killAtExit);
      await stopServer(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Files that only the server may read, as it demands; as settings. */
function certificates(
  folder: string,
  { cert, key }: { cert: string; key: string },
  user: { uid: number; gid: number } | undefined,
): string[] {
  return Object.entries({ ssl_cert_file: cert, ssl_key_file: key }).map(([setting, text]) => {
    const file = join(folder, `${setting}.pem`);
    writeFileSync(file, text, { mode: 0o600 });
    if (user) chownSync(file, user.uid, user.gid);
    return `${setting}=${file}`;
  });
}

/** Debian keeps the server's programs outside the PATH, one folder for each major version. */
export function findBinaries(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(root, version, 'bin')), ...(process.env.PATH ?? '').split(':')];
  const found = folders.find(
    (folder) => folder && existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
  if (found) return found;
  throw new Error(
    'These tests need a PostgreSQL server. Install one: apt-get install -y --no-install-recommends postgresql',
  );
}

/** The server refuses to run as root. */
export function systemUser(name: string): { uid: number; gid: number } {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Resolves when the program has ended well; rejects with the end of what it said. */
export async function succeeded(child: ChildProcess, name: string): Promise<void> {
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output = (output + chunk).slice(-4000);
  });
  child.stdout?.resume();
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${name} failed: ${output}`);
}

/** Resolves when the server takes connections. */
export async function ready(server: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => fail('was not ready in time'), START_LIMIT_MS);
    const fail = (what: string): void => {
      clearTimeout(limit);
      server.kill('SIGKILL');
      reject(new Error(`postgres ${what}: ${output}`));
    };
    server.once('error', (error) => fail(error.message));
    server.once('exit', () => fail('ended'));
    server.stdout?.resume();
    server.stderr?.on('data', (chunk) => {
      output = (output + chunk).slice(-4000);
      if (!/ready to accept (read-only )?connections/.test(output)) return;
      clearTimeout(limit);
      resolve();
    });
  });
  server.removeAllListeners('exit');
}

/** SIGINT is Postgres' fast shutdown: sessions are ended, nobody is waited for. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const limit = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
  server.kill('SIGINT');
  await ended;
  clearTimeout(limit);
}
