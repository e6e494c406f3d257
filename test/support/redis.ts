import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
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

export interface TestRedisOptions {
  /**
   * A cluster of one: it refuses what a real one would, such as a script whose keys lie in several slots. It takes two
   * seconds to start. Default false.
   */
  cluster?: boolean;
}

/** A real redis-server with an append-only file, in a temporary folder, on a Unix socket. */
export async function startRedis({ cluster = false }: TestRedisOptions = {}): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-redis-'));
  const socket = join(dir, 's');
  let server = await launch(dir, socket, cluster ? await clusterOptions() : []);
  if (cluster) await takeAllSlots(socket);
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

/** The bus between the nodes of a cluster needs a port even where there is only one. */
async function clusterOptions(): Promise<string[]> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return ['--cluster-enabled', 'yes', '--bind', '127.0.0.1', '--cluster-port', String(port)];
}

async function takeAllSlots(socket: string): Promise<void> {
  const redis = new Redis({ path: socket, enableReadyCheck: false });
  redis.on('error', () => {});
  try {
    await redis.cluster('ADDSLOTSRANGE', 0, 16_383);
    while (!String(await redis.cluster('INFO')).includes('cluster_state:ok')) await sleep(20);
  } finally {
    redis.disconnect();
  }
}

async function launch(dir: string, socket: string, more: string[] = []): Promise<ChildProcess> {
  await rm(socket, { force: true });
  const own = ['--port', '0', '--unixsocket', socket, '--dir', dir, '--appendonly', 'yes', '--save', ''];
  const options = [...own, ...more];
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
