import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ParleyError } from '@parley/core/errors';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { socketPath } from './socket-path.ts';

export interface EmbeddedRedis {
  /** A REDIS_URL: a Unix socket only this user can open. */
  url: string;
  /** Whether the server was running already (a hub that was killed leaves it behind, with everything in it). */
  adopted: boolean;
  /** Writes everything to disk and ends the server. */
  stop(): Promise<void>;
}

const SOCKET = 'redis.sock';
/** A large append-only file takes its time to load. */
const START_TIMEOUT_MS = 120_000;

/**
 * Runs the hub's own redis-server in the data folder, append-only file on, or takes over the one that an earlier hub
 * left running there. The server is a session of its own, so what ends the hub (Ctrl-C, kill -9) does not end it.
 */
export async function startEmbeddedRedis(dataDir: string, logger: Logger): Promise<EmbeddedRedis> {
  const dir = resolve(dataDir, 'redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const socket = socketPath(dir, SOCKET);
  const adopted = await isOurs(socket, dir);
  if (!adopted) await launch(dir, socket);
  logger.info({ dir, adopted }, adopted ? 'embedded redis taken over' : 'embedded redis started');
  return { url: `unix://${socket}`, adopted, stop: () => shutdown(socket) };
}

/** Where the embedded server of a hub that runs on this data folder listens; does not start one. */
export function embeddedRedisUrl(dataDir: string): string {
  return `unix://${socketPath(resolve(dataDir, 'redis'), SOCKET)}`;
}

async function launch(dir: string, socket: string): Promise<void> {
  rmSync(socket, { force: true });
  const logFile = join(dir, 'redis.log');
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn('redis-server', serverArguments(dir, socket), {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: dir,
  });
  closeSync(log);
  let failure: string | undefined;
  child.once('error', (error: NodeJS.ErrnoException) => {
    failure =
      error.code === 'ENOENT' ? 'redis-server is not installed (Debian: apt-get install redis-server)' : error.message;
  });
  child.once('exit', (code) => {
    failure ??= `redis-server ended with code ${code}; the end of ${logFile}:\n${tail(logFile)}`;
  });
  child.unref();
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isOurs(socket, dir))) {
    if (failure) throw new ParleyError('unavailable', `The embedded Redis did not start: ${failure}`);
    if (performance.now() > deadline)
      throw new ParleyError('unavailable', `The embedded Redis was not ready in time; see ${logFile}`);
    await sleep(25);
  }
  child.removeAllListeners();
}

function serverArguments(dir: string, socket: string): string[] {
  const options = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    'stop-writes-on-bgsave-error': 'no',
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Whether a server answers on the socket and keeps its data in our folder. */
async function isOurs(socket: string, dir: string): Promise<boolean> {
  const answer = await once(socket, (redis) => redis.config('GET', 'dir')).catch(() => undefined);
  return Array.isArray(answer) && answer[1] === dir;
}

async function shutdown(socket: string): Promise<void> {
  // The server closes the connection instead of answering; an error here means that it is gone already.
  await once(socket, (redis) => redis.shutdown()).catch(() => undefined);
}

async function once<T>(socket: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({
    path: socket,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-12).join('\n');
}
