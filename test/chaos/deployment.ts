import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { runCommand } from '../flow/helpers/command.ts';
import { type SharedServices, startSharedServices } from '../flow/helpers/shared-services.ts';
import type { Door } from './door.ts';
import { modelKeyOf } from './recovery.ts';
import { createSlot, type Role, type Slot } from './supervisor.ts';

/** A running hub: its processes, and the Redis they share where that is ours to break. */
export interface Deployment {
  name: 'roles' | 'whole';
  slots: Slot[];
  redis: BreakableRedis;
  /** Where the finished turns are, to be read while it runs; undefined: inside the process. */
  databaseUrl?: string;
  masterKey?: string;
  redisUrl?: string;
  stop(): Promise<void>;
}

export interface BreakableRedis {
  /** Ends it as `kill -9` does and brings it back on the same folder after `downMs`. */
  crash(downMs: number): Promise<void>;
  /** Stops it for a while with all connections open; undefined where it cannot be done. */
  freeze?: (ms: number) => Promise<void>;
}

export interface DeploymentOptions {
  config: { models: object[] };
  door: Door;
}

const ROLES: Role[] = ['gateway', 'gateway', 'worker', 'worker', 'worker'];

/** Two gateways and three workers over one Redis and one Postgres: how a company runs it on several machines. */
export async function deployRoles({ config, door }: DeploymentOptions): Promise<Deployment> {
  const shared = await startSharedServices();
  const migrated = await runCommand(['migrate'], shared.folder, shared.env);
  if (migrated.code !== 0) throw new Error(`migrate failed: ${migrated.stderr}`);
  const slots = await Promise.all(
    ROLES.map(async (role, index) => {
      const name = `${role}-${index + 1}`;
      const dataDir = join(shared.folder, name);
      await mkdir(dataDir);
      return slotBehind(door, { name, role, config, env: { ...shared.env, HOST: '127.0.0.1' }, dataDir });
    }),
  );
  await Promise.all(slots.map((slot) => slot.up()));
  return {
    name: 'roles',
    slots,
    redis: breakable(shared),
    databaseUrl: shared.env.DATABASE_URL,
    masterKey: shared.env.PARLEY_MASTER_KEY,
    redisUrl: shared.env.REDIS_URL,
    async stop() {
      await Promise.all(slots.map((slot) => slot.stop()));
      await shared.stop();
    },
  };
}

/** `parley start`: everything in one process, with its own Redis and database in the data folder. */
export async function deployWhole({ config, door }: DeploymentOptions): Promise<Deployment> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
  const slot = slotBehind(door, { name: 'hub', role: 'start', config, env: {}, dataDir });
  await slot.up();
  return {
    name: 'whole',
    slots: [slot],
    redis: {
      // The hub starts its Redis when it starts, so both go down together, as with the machine.
      async crash() {
        await slot.up();
        process.kill(await embeddedRedisPid(dataDir), 'SIGKILL');
        await slot.kill();
      },
    },
    async stop() {
      await slot.stop();
      // A killed hub leaves its Redis behind for the next one.
      process.kill(await embeddedRedisPid(dataDir), 'SIGKILL');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function slotBehind(
  door: Door,
  options: {
    name: string;
    role: Role;
    config: DeploymentOptions['config'];
    env: Record<string, string>;
    dataDir: string;
  },
): Slot {
  const { name, role, config } = options;
  const models = config.models.map((model) => ({ ...model, keys: [modelKeyOf(name)] }));
  return createSlot({
    ...options,
    config: { ...config, models },
    onUp: ({ url }) => role !== 'worker' && door.open(name, url),
    onDown: () => door.shut(name),
  });
}

function breakable({ redis }: SharedServices): BreakableRedis {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  return {
    async crash(downMs) {
      await redis.kill();
      await wait(downMs);
      await redis.restart();
    },
    async freeze(ms) {
      redis.pause();
      await wait(ms);
      redis.resume();
    },
  };
}

async function embeddedRedisPid(dataDir: string): Promise<number> {
  const redis = new Redis({ path: join(dataDir, 'redis', 'redis.sock'), lazyConnect: true });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
    if (!(pid > 1)) throw new Error('the embedded Redis does not tell its process id');
    return pid;
  } finally {
    redis.disconnect();
  }
}
