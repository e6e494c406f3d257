import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

export interface TestRedis {
  url: string;
  /** Ends the server as a crash would; the data folder stays. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and socket. */
  restart(): Promise<void>;
  /** Stops answering, and goes on: what a frozen server looks like. */
  pause(): void;
  resume(): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** A real redis-server with an append-only file, in a temporary folder, on a Unix socket. */
export async function startRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-redis-'));
  const socket = join(dir, 's');
  let server = await launch(dir, socket);
  const kill = async () => {
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await exited;
  };
  return {
    url: `unix://${socket}`,
    kill,
    async restart() {
      server = await launch(dir, socket);
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async flush() {
      const redis = new Redis({ path: socket });
      await redis.flushall();
      redis.disconnect();
    },
    async stop() {
      if (server.exitCode === null && server.signalCode === null) await kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(dir: string, socket: string): Promise<ChildProcess> {
  await rm(socket, { force: true });
  const options = ['--port', '0', '--unixsocket', socket, '--dir', dir, '--appendonly', 'yes', '--save', ''];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  let failure: Error | undefined;
  server.once('error', (error) => {
    failure = error;
  });
  for (;;) {
    if (failure) throw new Error(`redis-server cannot be run: ${failure.message} (npm test installs it)`);
    if (server.exitCode !== null) throw new Error(`redis-server ended with code ${server.exitCode}`);
    if (await answers(socket)) return server;
    await sleep(10);
  }
}

async function answers(socket: string): Promise<boolean> {
  const redis = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
