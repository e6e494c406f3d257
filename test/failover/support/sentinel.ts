import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../support/index.ts';
import { redisCommand, type Server, startRedisServer } from './servers.ts';

export interface Replicated {
  /** The server that is the master at the start, and its replicas. */
  master: Server;
  replicas: Server[];
  stop(): Promise<void>;
}

export interface Watched extends Replicated {
  /** As operators write it into REDIS_URL. */
  url: string;
  /** The port of the server that the sentinels call the master now. */
  masterPort(): Promise<number>;
}

const NAME = 'parley';
/** How long a silent master is waited for; 30 s by default, too long for people who chat. */
const DOWN_AFTER_MS = 1_500;
const QUORUM = 2;

/** A master with two replicas, each with its append-only file as operations.md wants it. */
export async function startReplicated(folder?: string): Promise<Replicated> {
  const dir = folder ?? (await mkdtemp(join(tmpdir(), 'parley-replicas-')));
  const durable = [
    '--appendonly',
    'yes',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
    '--repl-diskless-sync-delay',
    '0',
  ];
  const master = await startRedisServer('redis-1', dir, durable);
  const following = [...durable, '--replicaof', '127.0.0.1', String(master.port)];
  const replicas = await Promise.all(['redis-2', 'redis-3'].map((name) => startRedisServer(name, dir, following)));
  await until(
    'both replicas',
    async () => String(await redisCommand(master.port, 'INFO', 'replication')).match(/state=online/g)?.length === 2,
  );
  return {
    master,
    replicas,
    async stop() {
      await Promise.all([master, ...replicas].map((server) => server.kill()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The same with three sentinels that watch over it, two of which must agree. */
export async function startWatched(): Promise<Watched> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-sentinel-'));
  const redis = await startReplicated(dir);
  const sentinels = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const file = join(dir, `sentinel-${number}.conf`);
      const lines = [
        `sentinel monitor ${NAME} 127.0.0.1 ${redis.master.port} ${QUORUM}`,
        `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${NAME} 6000`,
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      return startRedisServer(`sentinel-${number}`, dir, [file, '--sentinel']);
    }),
  );
  const [first] = sentinels as [Server, ...Server[]];
  const know = (what: string) => async () => {
    const lists = await Promise.all(sentinels.map(({ port }) => redisCommand(port, 'SENTINEL', what, NAME)));
    return lists.every((list) => Array.isArray(list) && list.length === 2);
  };
  await until('the sentinels to know each other', know('SENTINELS'));
  await until('the sentinels to know the replicas', know('REPLICAS'));
  return {
    ...redis,
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
    async masterPort() {
      const [, port] = (await redisCommand(first.port, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)) as string[];
      return Number(port);
    },
    async stop() {
      await Promise.all(sentinels.map((sentinel) => sentinel.kill()));
      await redis.stop();
    },
  };
}
