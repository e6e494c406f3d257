import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type ChannelSet, createChannelSet } from '@parley/adapter-registry';
import {
  connectRedis,
  createHandOff,
  createSharedCache,
  createWakeQueue,
  type HandOff,
  openConnections,
  type RedisClient,
  type WakeQueue,
} from '@parley/core/bus';
import {
  type Config,
  type ConfigSource,
  createConfigSource,
  type Environment,
  type Settings,
} from '@parley/core/config';
import {
  CONFIG_CHANNEL,
  type ConfigEditor,
  type ConfigVersions,
  createConfigEditor,
  createConfigVersions,
  followVersions,
} from '@parley/core/config-versions';
import { createPseudonyms, createSealer, loadMasterKey, parseMasterKey, type Sealer } from '@parley/core/secrets';
import { assertSchema, openStore, type Store, syncConfig } from '@parley/core/store';
import { createMetrics, type Metrics, type Sample, type Tracing } from '@parley/core/telemetry';
import type { Logger } from 'pino';
import { openTracing } from '../tracing/index.ts';
import { type Answering, createAnswering } from './answering.ts';
import { type BackupWatch, watchBackups } from './backups.ts';
import { type ConsoleNetwork, createConsoleNetwork } from './network.ts';

/** What every role of the hub is built on. */
export interface HubCore {
  settings: Settings;
  logger: Logger;
  metrics: Metrics;
  /** Absent: no traces. */
  tracing: Tracing | undefined;
  sealer: Sealer;
  store: Store;
  config: ConfigSource;
  /** What people changed in the console, and how it is changed. */
  versions: ConfigVersions;
  editor: ConfigEditor;
  channels: ChannelSet;
  network: ConsoleNetwork;
  answering: Answering;
  /** When the database was last saved. */
  backups: BackupWatch;
  /** Unique per process: the owner of leases. */
  processId: string;
  redisUrl: string;
  /** For publishing and quick look-ups: fails at once when Redis is away. */
  publishRedis: RedisClient;
  queue: WakeQueue;
  /** From the gateway to the worker of the same process, if there is one, else into the queue. */
  handOff: HandOff;
  /** A stable name for a person or chat that is not its id; for logs, statistics and limits. */
  pseudonym: (tenant: string, platform: string, id: string) => string;
  /** Called after every change of the configuration; the channels have taken it over already. */
  onConfigChange(listener: (config: Config) => void): void;
  close(): Promise<void>;
}

export interface HubCoreInput {
  settings: Settings;
  env: Environment;
  logger: Logger;
  redisUrl: string;
  database: { databaseUrl: string } | { pgliteDir: string };
  generateMasterKey: boolean;
  /** Runs on the opened database before its schema is checked. */
  prepareStore?: (store: Store) => Promise<unknown>;
}

export async function createHubCore(input: HubCoreInput): Promise<HubCore> {
  const { settings, env, logger, redisUrl } = input;
  const metrics = createMetrics({ withExemplars: settings.tracing !== undefined });
  const tracing = await openTracing(settings, logger, metrics);
  const masterKey = await loadMasterKey({
    value: settings.masterKey,
    dataDir: settings.dataDir,
    generate: input.generateMasterKey,
  });
  const others = settings.otherMasterKey ? [parseMasterKey(settings.otherMasterKey, 'PARLEY_OTHER_MASTER_KEY')] : [];
  const sealer = createSealer(masterKey, others);
  const listeners: ((config: Config) => void)[] = [];
  // Before everything is there a change only becomes the current configuration.
  let apply: (next: Config) => Promise<void> = async () => {};
  const config = await createConfigSource({
    settings,
    env,
    logger,
    onRefused: () => metrics.configReloads.inc({ outcome: 'refused' }),
    onChange: async (next) => {
      metrics.configReloads.inc({ outcome: 'applied' });
      await apply(next);
    },
  });
  const store = await openStore(input.database);
  await input.prepareStore?.(store);
  await assertSchema(store);
  const versions = createConfigVersions(store, sealer);
  const active = await versions.active();
  await config.setConsole(active?.document);
  await mirror(store, config, sealer);

  const network = createConsoleNetwork(config, settings);
  const publishRedis = connectRedis(redisUrl, 'publish', logger);
  const queue = createWakeQueue(publishRedis);
  const channels = createChannelSet({
    depsFor: (channel) => ({
      logger: logger.child({ channel: channel.id }),
      cache: createSharedCache(publishRedis, channel.id, sealer),
      now: Date.now,
      network: network.of(channel.id),
    }),
  });
  const answering = createAnswering({
    settings,
    config: config.current,
    isChecked: network.isChecked,
    redis: publishRedis,
    sealer,
    metrics,
    logger,
  });
  const backups = await watchBackups(store, settings, metrics, logger);
  metrics.redisConnections.ask(() => samplesOf(openConnections()));
  metrics.postgresConnections.ask(() => samplesOf(store.connections?.() ?? {}));
  apply = async (next) => {
    await channels.apply(next);
    answering.apply(next);
    for (const listener of listeners) listener(next);
    await mirror(store, config, sealer);
  };
  await channels.apply(config.current);

  const follower = followVersions({
    versions,
    version: active?.version ?? null,
    apply: (_version, document) => config.setConsole(document),
    logger,
  });
  const listening = connectRedis(redisUrl, 'work', logger);
  listening.on('message', () => void follower.look());
  // Without Redis the next look into the database tells.
  void listening.subscribe(CONFIG_CHANNEL).catch(() => undefined);
  const editor = createConfigEditor({
    versions,
    sealer,
    base: () => ({ config: config.base, source: config.source }),
    inForce: () => config.consoleLayer,
    async furtherChecks(_config, document) {
      // Only a gateway has a console, and it has loaded this already.
      const { createReachableCheck, unreachable } = await import('@parley/gateway');
      return unreachable(document, createReachableCheck(settings.allowPrivateUrls));
    },
    async announce(version, document) {
      follower.note(version);
      // The others first: applying it here may have to load a platform's SDK, for which they need not wait.
      await publishRedis.publish(CONFIG_CHANNEL, String(version)).catch(() => undefined);
      await config.setConsole(document);
    },
  });

  return {
    settings,
    logger,
    metrics,
    tracing,
    sealer,
    store,
    config,
    versions,
    editor,
    channels,
    network,
    answering,
    backups,
    processId: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    redisUrl,
    publishRedis,
    queue,
    handOff: createHandOff(queue),
    pseudonym: createPseudonyms(sealer),
    onConfigChange: (listener) => void listeners.push(listener),
    async close() {
      follower.close();
      backups.close();
      listening.disconnect();
      await config.close();
      await channels.close();
      await answering.close();
      await queue.close().catch(() => undefined);
      publishRedis.disconnect();
      await store.close();
    },
  };
}

/** What the sandbox adds is of this process alone, and leaves no rows. */
async function mirror(store: Store, { current, originOf }: ConfigSource, sealer: Sealer): Promise<void> {
  await syncConfig(store, current, sealer, (kind, id) => {
    const origin = originOf(kind, id);
    return origin === 'extra' ? undefined : origin;
  });
}

function samplesOf(states: Record<string, number>): Sample<'state'>[] {
  return Object.entries(states).map(([state, value]) => ({ labels: { state }, value }));
}
