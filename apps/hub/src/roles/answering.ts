import { type AnswerCache, createAnswerCache } from '@parley/core/answer-cache';
import type { RedisClient } from '@parley/core/bus';
import type { ModelAttempt } from '@parley/core/chat';
import type { Config, ModelConfig, Settings } from '@parley/core/config';
import { compileGuards } from '@parley/core/guard';
import type { PipelineDeps } from '@parley/core/pipeline';
import { createPool, type Pool } from '@parley/core/pool';
import { createPrices } from '@parley/core/pricing';
import { createProviders } from '@parley/core/provider';
import { compileRules } from '@parley/core/rules';
import type { Sealer } from '@parley/core/secrets';
import type { Metrics, Sample } from '@parley/core/telemetry';
import type { Logger } from 'pino';

export interface AnsweringOptions {
  settings: Pick<Settings, 'cacheMb'>;
  config: Config;
  /** Whether a model's addresses are kept out of the own network. */
  isChecked: (model: ModelConfig) => boolean;
  /** Fails at once when Redis is away: neither pool nor cache may hold a question up. */
  redis: RedisClient;
  sealer: Sealer;
  metrics: Metrics;
  logger: Logger;
}

/**
 * What all questions of one process share, whoever asks them: connections and keys, the answer cache with its bound in
 * memory, and guard and rules of the current configuration. Workers and the chat API of `start` have one between them.
 */
export interface Answering {
  /** As of the configuration that is in force now. */
  deps(): Omit<PipelineDeps, 'vaults' | 'quota'>;
  pool: Pool;
  cache: AnswerCache;
  /** Takes over a new version of the configuration. */
  apply(config: Config): void;
  /** Loads what the first question would wait for: the models' SDKs and the list prices. For when the hub is ready. */
  warmUp(): void;
  close(): Promise<void>;
}

export function createAnswering(options: AnsweringOptions): Answering {
  const { settings, config, isChecked, redis, sealer, metrics, logger } = options;
  const providers = createProviders({ isChecked });
  const pool = createPool({ redis, logger });
  const cache = createAnswerCache({ redis, sealer, maxBytes: settings.cacheMb * 1024 * 1024, logger });
  metrics.cacheBytes.ask(() => [{ labels: {}, value: cache.bytes }]);
  metrics.breakerState.ask(() => breakersOf(pool));
  const prices = createPrices();
  let { models } = config;
  let isWarm = false;
  function load(models: Config['models']): void {
    providers.load(models).catch((err) => logger.error({ err }, 'what a model needs could not be loaded'));
    for (const model of models) prices.ratesOf(model, 1);
  }
  const lasting = {
    cache,
    prices,
    answerDeps: {
      pool,
      providerFor: providers.providerFor,
      logger,
      onAttempt({ model, status, errorCode, firstTokenMs, durationMs }: ModelAttempt) {
        metrics.modelCalls.inc({ model, status: errorCode ?? status });
        metrics.modelSeconds.observe({ model, status }, durationMs / 1000);
        if (firstTokenMs !== undefined) metrics.firstTokenSeconds.observe({ model }, firstTokenMs / 1000);
      },
    },
  };
  let deps = { ...lasting, ...compiled(config) };

  return {
    deps: () => deps,
    pool,
    cache,
    apply(next) {
      deps = { ...lasting, ...compiled(next) };
      models = next.models;
      if (isWarm) load(models);
    },
    warmUp() {
      isWarm = true;
      load(models);
    },
    async close() {
      await pool.close();
      await providers.close();
    },
  };
}

/** One version of the configuration, made ready for questions. */
function compiled({ guard, rules, models }: Config): Pick<PipelineDeps, 'guardOf' | 'rules' | 'models'> {
  return {
    guardOf: compileGuards(guard),
    rules: compileRules(rules),
    models: new Map(models.map((model) => [model.id, model])),
  };
}

const BREAKER_STATES = { closed: 0, half_open: 1, open: 2 } as const;

function breakersOf(pool: Pool): Sample<'model' | 'endpoint'>[] {
  return pool
    .health()
    .flatMap(({ model, endpoint, breaker }) =>
      endpoint === undefined ? [] : [{ labels: { model, endpoint }, value: BREAKER_STATES[breaker] }],
    );
}
