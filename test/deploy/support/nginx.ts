import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { until } from '../../support/index.ts';
import { openTcpDoor } from '../../support/tcp-door.ts';
import { DEPLOY } from './files.ts';

export interface TestNginx {
  /** What `nginx -t` said. */
  checked: string;
  /** Plain HTTP that leads through nginx' TLS: for clients that know no Unix sockets. */
  url: string;
  /** A TLS connection to it, its certificate verified. */
  tls(options?: ConnectionOptions): TLSSocket;
  /** A connection to its port for plain HTTP. */
  plain(): Socket;
  stop(): Promise<void>;
}

/**
 * Runs the real nginx with the files of deploy/nginx. Only what depends on the machine is replaced: it listens on Unix
 * sockets, so that no port can be taken, knows these gateways, and keeps its files to itself.
 *
 * @param gateways `host:port` each
 */
export async function startNginx(program: string, gateways: string[]): Promise<TestNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-nginx-'));
  // nginx' workers run under another user than its master when that is root.
  await chmod(folder, 0o755);
  await cp(join(DEPLOY, 'nginx'), folder, { recursive: true });
  await prepare(folder, gateways);
  await mkdir(join(folder, 'tls'));
  execFileSync('sh', [join(folder, 'self-signed.sh'), join(folder, 'tls')], { stdio: 'pipe' });
  const ca = await readFile(join(folder, 'tls/tls.crt'));

  const args = ['-p', folder, '-c', join(folder, 'nginx.conf')];
  const checked = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', program, '-t', ...args], { encoding: 'utf8' });
  const child = spawn(program, [...args, '-g', 'daemon off;'], { stdio: 'ignore' });
  const tls = (options: ConnectionOptions = {}) =>
    connectTls({ path: join(folder, 'tls.sock'), servername: 'localhost', ca, ...options });
  await until('nginx', () => answers(tls));
  const door = await openTcpDoor(tls);
  return {
    checked,
    url: `http://127.0.0.1:${door.port}`,
    tls,
    plain: () => connect(join(folder, 'plain.sock')),
    async stop() {
      await door.close();
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function prepare(folder: string, gateways: string[]): Promise<void> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  await edit(join(folder, 'nginx.conf'), [
    ['pid /var/run/nginx.pid;', `pid ${folder}/nginx.pid;`],
    ['/dev/stderr', `${folder}/error.log`],
    ['/dev/stdout', `${folder}/access.log`],
    ['http {', `http { ${temporary}`],
  ]);
  const servers = gateways.map((gateway) => `server ${gateway} max_fails=2`).join(' fail_timeout=5s;\n    ');
  await edit(join(folder, 'parley/upstream.conf'), [['server gateway:8080 max_fails=2', servers]]);
  await edit(join(folder, 'parley/listen.conf'), [
    ['listen 443', `listen unix:${folder}/tls.sock`],
    ['listen [::]:443 ssl http2;', ''],
  ]);
  await edit(join(folder, 'parley/redirect.conf'), [
    ['listen 80;', `listen unix:${folder}/plain.sock;`],
    ['listen [::]:80;', ''],
  ]);
}

async function edit(file: string, changes: [from: string, to: string][]): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} has no "${from}" any more`);
    text = text.replace(from, to);
  }
  await writeFile(file, text);
}

function answers(tls: () => TLSSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tls();
    socket.once('secureConnect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('secureConnect', () => socket.destroy());
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
}
