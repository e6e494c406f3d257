import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { until } from '../../support/index.ts';

export interface TestServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Runs a server that can only be told a port, and resolves when it answers `path` with 200. Somebody may take the port
 * between our look and its start: then it ends, and gets another.
 */
export async function startServer(
  program: string,
  argsFor: (port: number) => string[],
  path: string,
): Promise<TestServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawn(program, argsFor(port), { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr?.on('data', (chunk) => {
      log = (log + chunk).slice(-4000);
    });
    const url = `http://127.0.0.1:${port}`;
    const isUp = () =>
      fetch(url + path).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(`${program} on ${url}`, async () => child.exitCode !== null || (await isUp()), 60_000);
    if (child.exitCode === null) return { url, stop: () => ended(child) };
    if (attempt >= 3) throw new Error(`${program} ended:\n${log}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}
