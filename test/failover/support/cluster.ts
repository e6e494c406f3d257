import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../support/index.ts';
import { freePort, redisCommand, type Server, startRedisServer } from './servers.ts';

export interface RedisCluster {
  /** As operators write it into REDIS_URL: some of the nodes. */
  url: string;
  nodes: Server[];
  /** The node that serves a key now, as its own replica's word goes. */
  masterOf(key: string): Promise<Server>;
  stop(): Promise<void>;
}

const MASTERS = 3;
/** How long a silent master is waited for; 15 s by default, too long for people who chat. */
const NODE_TIMEOUT_MS = 2_000;

/** Three masters with a replica each, made with the tool that operators use. */
export async function startCluster(): Promise<RedisCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-cluster-'));
  const nodes = await Promise.all(
    Array.from({ length: 2 * MASTERS }, async (_, index) => {
      const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(NODE_TIMEOUT_MS)];
      const durable = ['--appendonly', 'yes', '--save', '', '--repl-diskless-sync-delay', '0'];
      // The bus of the cluster would be 10,000 above the port, which may not exist.
      return startRedisServer(`node-${index + 1}`, dir, [
        ...cluster,
        ...durable,
        '--cluster-port',
        String(await freePort()),
      ]);
    }),
  );
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'];
  execFileSync('redis-cli', create, { stdio: 'pipe', timeout: 60_000 });
  const isWhole = async ({ port }: Server) => {
    const [info, replication] = await Promise.all([
      redisCommand(port, 'CLUSTER', 'INFO'),
      redisCommand(port, 'INFO', 'replication'),
    ]);
    return /cluster_state:ok/.test(String(info)) && /state=online|master_link_status:up/.test(String(replication));
  };
  await until('a whole cluster', async () => (await Promise.all(nodes.map(isWhole))).every(Boolean));

  const alive = () => nodes.filter((node) => isAlive(node.pid()));
  return {
    url: addresses.slice(0, 3).join(','),
    nodes,
    async masterOf(key) {
      const [asked] = alive() as [Server, ...Server[]];
      const slot = Number(await redisCommand(asked.port, 'CLUSTER', 'KEYSLOT', key));
      const ranges = (await redisCommand(asked.port, 'CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
      const range = ranges.find(([from, to]) => from <= slot && slot <= to);
      const found = nodes.find(({ port }) => port === range?.[2][1]);
      if (!found) throw new Error(`nobody serves ${key}`);
      return found;
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.kill()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
