import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, startRedis } from '@parley/test';
import { Redis } from 'ioredis';
import { startHubProcess } from './contestants/hub.ts';
import { hubConfig } from './contestants/hub-config.ts';
import type { ContestantInput } from './contestants/input.ts';
import { type Child, startChild } from './measure/child.ts';
import { cpuMs } from './measure/process-stats.ts';

/** What every workload is played on: one Redis, one Postgres, the stubs of model and platforms, the load. */
export interface Stage {
  redisSocket: string;
  /** Of the server, for its CPU time. */
  redisCpuMs(): number;
  redis: Redis;
  model: Child;
  world: Child;
  platformUrl: string;
  /** The model API's addresses, for answers of a shape (see world/model.ts). */
  modelUrls(shape?: ModelShape): string[];
  inputFor(shape?: ModelShape): ContestantInput;
  /** Environment of every role of the hub. */
  hubEnv: Record<'REDIS_URL' | 'DATABASE_URL' | 'PARLEY_MASTER_KEY', string>;
  /** Empties Redis. It then looks as one does that has been running for long: nothing has to be recalled. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface ModelShape {
  firstMs?: number;
  tokens?: number;
  gapMs?: number;
}

/** Longer than any session: the hub asks the database for conversations that are older than Redis itself. */
const REDIS_AGE_MS = 3 * 86_400_000;
const BORN = 'parley:{born}';

export interface OwnRedis {
  socket: string;
  client: Redis;
  /** CPU time that its process has used, in milliseconds. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** A Redis that has been there for days, as far as a hub can see. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const server = await startRedis();
  const socket = server.url.slice('unix://'.length);
  const client = new Redis({ path: socket });
  const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  const killAtExit = () => void process.kill(pid, 'SIGKILL');
  process.once('exit', killAtExit);
  await client.set(BORN, Date.now() - REDIS_AGE_MS);
  return {
    socket,
    client,
    cpuMs: () => cpuMs(pid),
    async stop() {
      process.off('exit', killAtExit);
      client.disconnect();
      await server.stop();
    },
  };
}

export async function setStage(): Promise<Stage> {
  const [own, postgres] = await Promise.all([startOwnRedis(), startPostgres()]);
  const { socket: redisSocket, client: redis } = own;
  const [model, world] = await Promise.all([startChild('world/model.ts'), startChild('world/main.ts')]);
  const platformUrl = `http://127.0.0.1:${world.ports[0]}`;
  const modelUrls = ({ firstMs = 0, tokens = 12, gapMs = 0 }: ModelShape = {}) =>
    model.ports.map((port) => `http://127.0.0.1:${port}/${firstMs}/${tokens}/${gapMs}/v1`);
  const hubEnv = {
    REDIS_URL: `unix://${redisSocket}`,
    DATABASE_URL: postgres.url,
    PARLEY_MASTER_KEY: randomBytes(32).toString('base64'),
  };
  const stage: Stage = {
    redisSocket,
    redis,
    redisCpuMs: own.cpuMs,
    model,
    world,
    platformUrl,
    modelUrls,
    inputFor: (shape) => ({ redisSocket, platformUrl, modelUrl: modelUrls(shape)[0] ?? '' }),
    hubEnv,
    async reset() {
      await redis.flushall();
      // A file that grows is rewritten at some moment, beside whoever is measured then.
      await redis.bgrewriteaof();
      while (!/aof_rewrite_in_progress:0\s+aof_rewrite_scheduled:0/.test(await redis.info('persistence')))
        await sleep(20);
      await redis.set(BORN, Date.now() - REDIS_AGE_MS);
    },
    async close() {
      await Promise.all([model.stop(), world.stop()]);
      await Promise.all([own.stop(), postgres.stop()]);
    },
  };
  await migrate(stage);
  return stage;
}

async function migrate({ modelUrls, platformUrl, hubEnv: env }: Stage): Promise<void> {
  const config = hubConfig({ modelUrls: modelUrls(), platformUrl, platforms: [] });
  const done = await startHubProcess({ role: 'migrate', config, env });
  await done.stop();
}
