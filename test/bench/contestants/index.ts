import { startChild } from '../measure/child.ts';
import { cpuMs } from '../measure/process-stats.ts';
import { type ModelShape, type OwnRedis, type Stage, startOwnRedis } from '../stage.ts';
import type { PlatformName } from '../world/people.ts';
import { type HubProcess, startHubProcess } from './hub.ts';
import { hubConfig } from './hub-config.ts';
import { toEnvironment } from './input.ts';

/** One that takes questions and answers them, or does a part of that. */
export interface Contestant {
  name: string;
  /** Whether it answers; a floor may only acknowledge. */
  answers: boolean;
  start(stage: Stage): Promise<Running>;
}

export interface Running {
  port: number;
  /** Where a platform's events go; `{bot}` is the bot's number, `{platform}` the platform's name. */
  path: string;
  /** Of the chat API, where that is not the hub's own. */
  apiPath?: string;
  pids: number[];
  /** CPU time of its own Redis in milliseconds, where it does not use the stage's. */
  redisCpuMs?: () => number;
  stop(): Promise<void>;
}

export function cpuOf({ pids }: Running): number {
  return pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
}

function program(name: string, file: string, path: string, answers = true): Contestant {
  return {
    name,
    answers,
    async start(stage) {
      const child = await startChild(`contestants/${file}.ts`, toEnvironment(stage.inputFor()));
      return { port: child.ports[0] ?? 0, path, pids: [child.pid], stop: () => child.stop() };
    },
  };
}

export const RAW_XADD = program('node:http + HMAC + XADD', 'raw-ack', '/slack/events', false);
export const RAW_HMAC = program('node:http + HMAC', 'raw-hmac', '/slack/events', false);
export const QUEUE_UNDICI = program('BullMQ + undici', 'queue-undici', '/slack/events');
export const QUEUE_SDK = program('BullMQ + official SDKs', 'queue-sdk', '/slack/events');
export const BOLT = program('@slack/bolt (keeps nothing)', 'bolt', '/slack/events');
export const VERCEL_CHAT = program('chat + Redis state', 'vercel-chat', '/slack/events');
export const TELEGRAF = program('telegraf (keeps nothing)', 'telegraf', '/telegraf');
export const PROXY = program('undici proxy + 2 Redis calls', 'proxy', '/v1/chat/completions');

/** Floor of the chat API: nobody between the caller and the model. */
export const DIRECT: Contestant = {
  name: 'the model stub itself',
  answers: true,
  async start({ model, modelUrls }) {
    const { pathname } = new URL(`${modelUrls()[0]}/chat/completions`);
    return { port: model.ports[0] ?? 0, path: pathname, apiPath: pathname, pids: [model.pid], stop: async () => {} };
  },
};

export interface HubOptions {
  platforms: PlatformName[];
  shape?: ModelShape;
  env?: Record<string, string>;
  turns?: number[];
  /** Sizes of the configuration; see hub-config.ts. */
  tenants?: number | undefined;
  bots?: number | undefined;
  rules?: number | undefined;
  /** The hub's own connection to Redis, when it is not the stage's. */
  redisSocket?: string;
  /** A Redis of its own: two hubs on one would take each other's messages. */
  ownRedis?: boolean;
  execArgv?: string[];
  dataDir?: string;
}

export const HUB = 'Parley';
const HUB_PATH = '/webhooks/{platform}/{platform}-{bot}';
export const HUB_SPLIT = 'Parley, gateway + worker';
/** Has rows of its own in the table, and its turn in the same rounds. */
export const SPLIT_WORKLOAD = 'Slack, two processes';

/** The hub in one process, as `npm start` runs it, on the stage's Redis and Postgres. */
export function hub(options: HubOptions): Contestant {
  return {
    name: HUB,
    answers: true,
    async start(stage) {
      const one = await startHubProcess({ ...processOptions(stage, options), role: 'start' });
      return { port: one.port, path: HUB_PATH, pids: [one.pid], stop: () => one.stop() };
    },
  };
}

/** The hub as a gateway and so many workers. */
export function splitHub(options: HubOptions, workers = 1): Contestant {
  return {
    name: workers === 1 ? HUB_SPLIT : `Parley, gateway + ${workers} workers`,
    answers: true,
    async start(stage) {
      const roles = ['gateway' as const, ...Array.from({ length: workers }, () => 'worker' as const)];
      const own: OwnRedis | undefined = options.ownRedis ? await startOwnRedis() : undefined;
      const settings = processOptions(stage, { ...options, ...(own && { redisSocket: own.socket }) });
      const started: HubProcess[] = await Promise.all(roles.map((role) => startHubProcess({ ...settings, role })));
      return {
        port: started[0]?.port ?? 0,
        path: HUB_PATH,
        pids: started.map(({ pid }) => pid),
        ...(own && { redisCpuMs: own.cpuMs }),
        async stop() {
          await Promise.all(started.map((one) => one.stop()));
          await own?.stop();
        },
      };
    },
  };
}

export function processOptions(stage: Stage, options: HubOptions) {
  const { platforms, shape, turns, tenants, bots, rules, execArgv, dataDir } = options;
  const { platformUrl } = stage;
  const modelUrls = stage.modelUrls(shape);
  return {
    config: hubConfig({ modelUrls, platformUrl, platforms, turns, tenants, bots, rules }),
    env: {
      ...stage.hubEnv,
      ...(options.redisSocket && { REDIS_URL: `unix://${options.redisSocket}` }),
      ...options.env,
    },
    execArgv,
    dataDir,
  };
}
