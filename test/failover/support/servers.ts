import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from '../../support/index.ts';

/** A server program that a test may kill and start again with the same arguments. */
export interface Server {
  port: number;
  pid(): number;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** A redis-server (also a sentinel, or a node of a cluster) on a loopback port, its files and log in `folder/NAME`. */
export async function startRedisServer(name: string, folder: string, args: string[], port?: number): Promise<Server> {
  const dir = join(folder, name);
  await mkdir(dir);
  // Somebody else may take a free port before we do: then another one is tried.
  for (let attempt = 0; ; attempt++) {
    const chosen = port ?? (await freePort());
    const all = [...args, '--port', String(chosen), '--bind', '127.0.0.1', '--dir', dir];
    const server = createProcess('redis-server', all, join(dir, 'log'), () => answers(chosen));
    try {
      await server.start();
      return { port: chosen, ...server };
    } catch (error) {
      if (port !== undefined || attempt >= 4) throw error;
    }
  }
}

/** A command on a connection of its own. */
export async function redisCommand(port: number, ...command: [string, ...(string | number)[]]): Promise<unknown> {
  const redis = new Redis({ port, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const [name, ...args] = command;
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** What still runs goes with the test, however that ends. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => void child.kill('SIGKILL')));

function createProcess(program: string, args: string[], log: string, isReady: () => Promise<boolean>) {
  let child: ChildProcess | undefined;
  return {
    pid: () => child?.pid ?? 0,
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
    async start() {
      const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      running.add(started);
      started.once('exit', () => running.delete(started));
      const output = createWriteStream(log, { flags: 'a' });
      started.stdout.pipe(output);
      started.stderr.pipe(output);
      let failure: Error | undefined;
      started.once('error', (error) => {
        failure = error;
      });
      await until(`${program} on ${args.join(' ')}`, () => {
        if (failure) throw failure;
        if (started.exitCode !== null) throw new Error(`${program} ended with code ${started.exitCode}`);
        return isReady();
      });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  return redisCommand(port, 'PING').then(
    (reply) => reply === 'PONG',
    () => false,
  );
}
