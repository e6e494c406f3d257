import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, loadSettings, type Role, type Settings } from '@parley/core/config';
import { migrate as migrateStore } from '@parley/core/store';
import { createLogger } from '@parley/core/telemetry';
import { closeServer, createServer, registerOps } from '@parley/gateway/process';
import type { Logger } from 'pino';
import { greet } from '../banner.ts';
import { lockDataFolder } from '../embedded/data-folder.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from '../embedded/redis.ts';
import { createHubCore, type HubCore, type HubCoreInput } from '../roles/core.ts';
import { readinessChecks } from '../roles/ready.ts';
import type { RunningRole } from '../roles/running.ts';
import { untilSignal } from '../signals.ts';
import type { CommandInput, RunCommand } from './index.ts';

export const start: RunCommand = ({ env }) => runStart(env);

// Each role loads what it needs, while the core connects to Redis and the database.
export const gateway: RunCommand = async (input) => {
  const loading = import('../roles/gateway.ts');
  return runRole(input, 'gateway', async (core) => [await (await loading).startGateway(core)]);
};

export const worker: RunCommand = async (input) => {
  const loading = import('../roles/worker.ts');
  return runRole(input, 'worker', async (core) => [
    await (await loading).startWorker(core),
    await startWorkerOps(core),
  ]);
};

async function runStart(env: Environment): Promise<number> {
  const { settings, logger, stopped } = begin(env, 'start');
  const unlock = lockDataFolder(settings.dataDir);
  const loading = Promise.all([import('../roles/worker.ts'), import('../roles/gateway.ts')]);
  let redis: EmbeddedRedis | undefined;
  try {
    if (!settings.redisUrl) redis = await startEmbeddedRedis(settings.dataDir, logger);
    const core = await createHubCore({
      settings,
      env,
      logger,
      redisUrl: settings.redisUrl ?? (redis as EmbeddedRedis).url,
      database: settings.databaseUrl
        ? { databaseUrl: settings.databaseUrl }
        : { pgliteDir: `${settings.dataDir}/postgres` },
      generateMasterKey: true,
      prepareStore: migrateStore,
    });
    const [{ startWorker }, { startGateway }] = await loading;
    const workerRole = await startWorker(core);
    const gatewayRole = await startGateway(core);
    const commandRole = settings.databaseUrl ? [] : [await serveCommands(core, env)];
    greet({
      env,
      url: gatewayRole.url,
      config: core.config.current,
      publicUrl: settings.publicUrl,
      firstAdministrator: gatewayRole.firstAdministrator,
    });
    logger.info({ url: gatewayRole.url }, 'ready');
    core.answering.warmUp();
    await stopped;
    await drainAll(core, [...commandRole, gatewayRole, workerRole]);
  } finally {
    await redis?.stop();
    unlock();
  }
  return 0;
}

async function runRole(
  { env }: CommandInput,
  role: Role,
  begins: (core: HubCore) => Promise<RunningRole[]>,
): Promise<number> {
  const { settings, logger, stopped } = begin(env, role);
  const input: HubCoreInput = {
    settings,
    env,
    logger,
    // loadSettings has seen to it that these are set for the shared roles.
    redisUrl: settings.redisUrl ?? '',
    database: { databaseUrl: settings.databaseUrl ?? '' },
    generateMasterKey: false,
  };
  const core = await createHubCore(input);
  const roles = await begins(core);
  logger.info({ role, url: roles.find(({ url }) => url)?.url }, 'ready');
  core.answering.warmUp();
  await stopped;
  await drainAll(core, roles);
  return 0;
}

function begin(env: Environment, role: Role): { settings: Settings; logger: Logger; stopped: Promise<unknown> } {
  const settings = loadSettings(env, role);
  const logger = createLogger(settings.logLevel);
  return { settings, logger, stopped: untilSignal(logger) };
}

/** What commands cannot do while this process has the embedded database open. */
async function serveCommands(core: HubCore, env: Environment): Promise<RunningRole> {
  const [{ serveHubSocket }, { commandRequests }] = await Promise.all([
    import('../embedded/hub-socket.ts'),
    import('../roles/command-requests.ts'),
  ]);
  const socket = await serveHubSocket(core.settings.dataDir, commandRequests(core, env), core.logger);
  return { drain: () => socket.close() };
}

/** First what takes in, then what answers: nothing that was accepted on the way out is forgotten. */
async function drainAll(core: HubCore, roles: RunningRole[]): Promise<void> {
  const deadlineMs = core.settings.drainSeconds * 1000;
  const began = performance.now();
  let isWhole = true;
  for (const role of roles) {
    const leftMs = Math.max(0, deadlineMs - (performance.now() - began));
    isWhole = (await endsWithin(leftMs + CLOSING_MS, role.drain(leftMs))) && isWhole;
  }
  const [isClosed] = await Promise.all([
    endsWithin(CLOSING_MS, core.close()),
    // What the roles told on their way out, too. A collector that is away is no reason to stay.
    core.tracing && endsWithin(CLOSING_MS, core.tracing.close()).catch(() => false),
  ]);
  isWhole = isClosed && isWhole;
  if (isWhole) core.logger.info('stopped');
  else core.logger.warn('stopped without having let go of everything: is Redis away?');
}

/** For what is cut off at the end of the drain time to be handed back. */
const CLOSING_MS = 3_000;

/** Whether `work` ended in time. Without Redis nothing can be handed back, and waiting for it would have no end. */
function endsWithin(ms: number, work: Promise<void>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(ms, false)]);
}

/** `/health`, `/ready` and `/metrics` of a worker, which has no other HTTP. On a port of its own when one is named. */
async function startWorkerOps(core: HubCore): Promise<RunningRole> {
  const { settings, logger, metrics } = core;
  let draining = false;
  const server = createServer(logger);
  registerOps(server, { checks: readinessChecks(core), metrics, isDraining: () => draining });
  await server.listen({
    port: settings.workerPort ?? 0,
    host: settings.workerPort === undefined ? '127.0.0.1' : settings.host,
  });
  return {
    url: server.listeningOrigin,
    async drain(deadlineMs) {
      draining = true;
      await closeServer(server, deadlineMs);
    },
  };
}
