import {
  connectRedis,
  createArchiveDrain,
  createBacklogGauge,
  createDeadLetters,
  createGovernor,
  createLeases,
  createSweeper,
  createTurnStore,
} from '@parley/core/bus';
import type { Config } from '@parley/core/config';
import { createProviders, type Providers } from '@parley/core/provider';
import { compileRules } from '@parley/core/rules';
import { recordTurns } from '@parley/core/store';
import { createConsumer, createMaintenance, createTurnRunner } from '@parley/workers';
import type { HubCore } from './core.ts';
import { watchDeadLetters } from './dead-letters.ts';
import { createHistoryRecall } from './history.ts';
import { toRecord } from './records.ts';
import type { RunningRole } from './running.ts';

const DEPTH_EVERY_MS = 1000;

/** Everything that answers: the consumer of wake jobs, and the housekeeping that one worker does for all. */
export async function startWorker(core: HubCore): Promise<RunningRole> {
  const { settings, logger, metrics, store, redisUrl, publishRedis, queue } = core;
  const redis = connectRedis(redisUrl, 'work', logger);
  const blockingRedis = connectRedis(redisUrl, 'work', logger);
  const providers = createProviders();
  const turns = createTurnStore(redis);

  let config = turnConfig(core, core.config.current, providers);
  core.onConfigChange((next) => {
    config = turnConfig(core, next, providers);
  });
  const runner = createTurnRunner({
    turns,
    governor: createGovernor(redis),
    config: () => config,
    metrics,
    logger,
    pseudonym: (tenant, platform, user) => `u_${core.sealer.digest(user, `user/${tenant}/${platform}`).slice(0, 16)}`,
    recallHistory: createHistoryRecall(redis, store, logger),
  });
  const maintenance = createMaintenance({
    leases: createLeases({ redis, owner: core.processId, logger }),
    sweep: createSweeper(redis, queue),
    drainArchive: createArchiveDrain(redis),
    writeTurns: async (finished) => void (await recordTurns(store, finished.map(toRecord))),
    logger,
  });
  const { workerConcurrency: concurrency } = settings;
  const consumer = createConsumer({
    redis: blockingRedis,
    subscriber: connectRedis(redisUrl, 'work', logger),
    turns,
    queue,
    runner,
    concurrency,
    metrics,
    logger,
  });

  // What is asked at a beat must fail while Redis is away: on the other connections it would wait, and pile up.
  const backlog = createBacklogGauge(publishRedis);
  const depthTimer = setInterval(() => {
    void backlog.refresh().then(
      (depth) => metrics.queueDepth.set(depth),
      () => undefined,
    );
  }, DEPTH_EVERY_MS);

  const { maxMailbox } = settings;
  const unwatchDeadLetters = watchDeadLetters(createDeadLetters({ redis: publishRedis, queue, maxMailbox }), metrics);

  return {
    async drain(deadlineMs) {
      clearInterval(depthTimer);
      unwatchDeadLetters();
      await consumer.drain(deadlineMs);
      await maintenance.close();
      await providers.close();
      redis.disconnect();
      blockingRedis.disconnect();
    },
  };
}

/** One version of the configuration, made ready for turns. */
function turnConfig({ channels, logger, metrics }: HubCore, config: Config, { providerFor }: Providers) {
  const models = new Map(config.models.map((model) => [model.id, model]));
  return {
    channels,
    rules: compileRules(config.rules),
    priceOf: (model: string) => models.get(model)?.price,
    answerDeps: {
      models,
      providerFor,
      logger,
      onAttempt: ({ model, status, errorCode }: { model: string; status: string; errorCode?: string | undefined }) =>
        metrics.modelCalls.inc({ model, status: errorCode ?? status }),
    },
  };
}
