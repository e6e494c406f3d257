import { fileURLToPath } from 'node:url';
import { createAuthenticator, createTokenIssuer } from '@parley/core/auth';
import {
  connectRedis,
  createAmender,
  createBacklogGauge,
  createLeases,
  createOwnRefs,
  createPublisher,
  createQueueAge,
  createReplicaBarrier,
  untilUsable,
} from '@parley/core/bus';
import { createSigningKeys, findApiKey, touchApiKey } from '@parley/core/store';
import {
  closeServer,
  createChannelHealth,
  createConnectionManager,
  createInbound,
  createServer,
  registerAlerts,
  registerChatApi,
  registerConsole,
  registerOps,
  registerWebhooks,
} from '@parley/gateway';
import { createHubSandbox } from '../sandbox/index.ts';
import type { RunningSandbox } from '../sandbox/sandbox.ts';
import { type Admin, startAdmin } from './admin.ts';
import { recorded } from './api-turns.ts';
import { createAsking } from './asking.ts';
import { watchBacklog } from './backlog.ts';
import type { HubCore } from './core.ts';
import { createClaims, createHubNotices, createPost } from './notices.ts';
import { readinessChecks } from './ready.ts';
import type { RunningRole } from './running.ts';

/** A gateway's view of the backlog is at most this old. */
const BACKLOG_REFRESH_MS = 500;
/** What `npm start` builds (deploy/bootstrap). */
const CONSOLE_ROOT = fileURLToPath(new URL('../../../console/dist', import.meta.url));
/** An alert may wait so long for the platform's pace; then Alertmanager comes again. */
const ALERT_WAIT_MS = 10_000;
/** How long the first requests may wait for Redis; a gateway without it still starts, and answers 503. */
const REDIS_WAIT_MS = 5_000;

/** Who counts as durable only what replicas have; on a connection of its own, which fails at once. */
function waitForReplicas({ settings, redisUrl, logger }: HubCore) {
  const redis = connectRedis(redisUrl, 'publish', logger);
  const barrier = createReplicaBarrier({ redis, replicas: settings.redisWaitReplicas });
  return { barrier, close: () => redis.disconnect() };
}

export interface RunningGateway extends RunningRole {
  url: string;
  /** Absent where there is none. */
  sandbox: RunningSandbox | undefined;
  firstAdministrator: Admin['firstAdministrator'];
}

/** Everything that takes events in: the HTTP server, and the long connections this process comes to own. */
export async function startGateway(core: HubCore): Promise<RunningGateway> {
  const { settings, logger, metrics, tracing, channels, publishRedis, redisUrl } = core;
  const workRedis = connectRedis(redisUrl, 'work', logger);
  const ownRefs = createOwnRefs(publishRedis, connectRedis(redisUrl, 'work', logger));
  const backlog = createBacklogGauge(publishRedis);
  const { maxMailbox, redisWaitReplicas } = settings;
  const replicated = redisWaitReplicas > 0 ? waitForReplicas(core) : undefined;
  const publisher = createPublisher({
    redis: publishRedis,
    queue: core.handOff,
    maxMailbox,
    replicated: replicated?.barrier,
  });
  const amender = createAmender(publishRedis);
  const { maxBacklog } = settings;
  const health = createChannelHealth(publishRedis);
  const noteEvent = health.note;
  const inbound = createInbound({
    publisher,
    amender,
    ownRefs,
    backlog,
    maxBacklog,
    metrics,
    logger,
    noteEvent,
    tracing,
  });
  const leases = createLeases({ redis: workRedis, owner: core.processId, logger });
  const { publicUrl } = settings;
  const connections = createConnectionManager({ channels, inbound, leases, metrics, logger, publicUrl });

  let draining = false;
  const server = createServer(logger, settings);
  registerOps(server, { checks: readinessChecks(core), metrics, isDraining: () => draining });
  registerWebhooks(server, { channels, inbound, metrics, logger, noteEvent, isTraced: tracing !== undefined });
  registerAlerts(server, {
    token: settings.alertmanagerToken,
    channels,
    post: createPost(core, publishRedis, ALERT_WAIT_MS),
    ...createClaims(core),
    logger,
  });

  const { store, sealer, pseudonym, config } = core;
  // Whoever waits for an HTTP answer hears at once when Redis is away.
  const asking = createAsking({ core, redis: publishRedis, notices: createHubNotices(core, publishRedis) });
  const ask = recorded(asking.ask, publishRedis, core);
  const tokens = createTokenIssuer(createSigningKeys(store, sealer));
  registerChatApi(server, {
    ask,
    limitsOf: asking.limitsOf,
    authenticate: createAuthenticator({
      configured: () => config.current.api_keys,
      findStored: (by) => findApiKey(store, sealer, by),
      tokens,
    }),
    tokens,
    config: () => config.current,
    redis: publishRedis,
    pseudonym,
    metrics,
    tracing,
    touch: (tenant, keyId) => void touchApiKey(store, tenant, keyId, Date.now()).catch(() => undefined),
  });

  const sandbox = createHubSandbox(core, () => server.listeningOrigin);
  const admin = await startAdmin({
    core,
    server,
    asking: { ask, limitsOf: asking.limitsOf, mask: asking.mask },
    publisher,
    health,
    sandbox,
  });
  const { built } = registerConsole(server, { root: CONSOLE_ROOT, publicUrl });
  if (!built) logger.warn('the console is not built: npm start builds it');

  const unwatchBacklog = watchBacklog(backlog, createQueueAge(publishRedis), metrics, BACKLOG_REFRESH_MS);
  await untilUsable(publishRedis, REDIS_WAIT_MS);
  await server.listen({ port: settings.port, host: settings.host });
  connections.sync();
  core.onConfigChange(() => connections.sync());

  return {
    url: server.listeningOrigin,
    sandbox,
    firstAdministrator: admin.firstAdministrator,
    async drain(deadlineMs) {
      draining = true;
      unwatchBacklog();
      await sandbox?.stop();
      // Streams of live events would hold the server up.
      await admin.close();
      await Promise.all([closeServer(server, deadlineMs), connections.close()]);
      await asking.settled();
      await ownRefs.close();
      await health.close();
      replicated?.close();
      workRedis.disconnect();
    },
  };
}
