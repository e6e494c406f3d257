import { createAnswerCache } from '@parley/core/answer-cache';
import type { RedisClient } from '@parley/core/bus';
import type { Config, TenantConfig } from '@parley/core/config';
import { compileGuards, createVaultStore } from '@parley/core/guard';
import type { AdminNotices } from '@parley/core/notices';
import {
  ask,
  maskText,
  type PipelineDeps,
  type Question,
  type QuestionEvent,
  type QuestionResult,
} from '@parley/core/pipeline';
import { createPool, type Pool } from '@parley/core/pool';
import { createPrices } from '@parley/core/pricing';
import { createProviders } from '@parley/core/provider';
import { createQuota, type Quota, type QuotaSubject } from '@parley/core/quota';
import { compileRules } from '@parley/core/rules';
import type { HubCore } from './core.ts';
import { quotaRebuild } from './quota-rebuild.ts';

/** The chat core of one process, over the current configuration: what workers and the chat API ask. */
export interface Asking {
  ask(question: Question): AsyncGenerator<QuestionEvent>;
  limitsOf(subject: QuotaSubject): ReturnType<Quota['snapshot']>;
  /** A text with personal data replaced, as transcripts and later models see it. */
  mask(tenant: TenantConfig, conversation: string, text: string): Promise<string>;
  quota: Quota;
  pool: Pool;
  close(): Promise<void>;
}

export interface AskingOptions {
  core: HubCore;
  /** Waits for Redis or fails at once, as its user wants it. */
  redis: RedisClient;
  notices: AdminNotices;
}

export function createAsking({ core, redis, notices }: AskingOptions): Asking {
  const { logger, metrics, sealer, settings } = core;
  const providers = createProviders();
  const pool = createPool({ redis: core.publishRedis, logger });
  const prices = createPrices();
  const quota = createQuota({ redis, rebuild: quotaRebuild(core.store) });
  const lasting = {
    vaults: createVaultStore({ redis, sealer }),
    cache: createAnswerCache({ redis: core.publishRedis, sealer, maxBytes: settings.cacheMb * 1024 * 1024, logger }),
    quota,
    prices,
    answerDeps: {
      pool,
      providerFor: providers.providerFor,
      logger,
      onAttempt: ({ model, status, errorCode }: { model: string; status: string; errorCode?: string | undefined }) =>
        metrics.modelCalls.inc({ model, status: errorCode ?? status }),
    },
  };
  let deps = depsOf(core.config.current, lasting);
  core.onConfigChange((next) => {
    deps = depsOf(next, lasting);
  });

  return {
    async *ask(question) {
      for await (const event of ask(question, deps)) {
        if (event.type === 'done') report(question, event.result);
        yield event;
      }
    },
    limitsOf: (subject) => quota.snapshot(subject, subject.tenant.models),
    mask: (tenant, conversation, text) => maskText({ tenant, conversation, text }, deps),
    quota,
    pool,
    async close() {
      await pool.close();
      await providers.close();
    },
  };

  function report({ tenant, platform }: Question, result: QuestionResult): void {
    const { usage, model, costMicroUsd, cache, refusedBecause, warnings, anomaly } = result;
    if (usage && result.by !== 'cache') {
      metrics.tokens.inc({ tenant: tenant.id, model: model ?? '', direction: 'in' }, usage.inputTokens);
      metrics.tokens.inc({ tenant: tenant.id, model: model ?? '', direction: 'out' }, usage.outputTokens);
    }
    if (costMicroUsd > 0) metrics.cost.inc({ tenant: tenant.id }, costMicroUsd / 1_000_000);
    if (cache) metrics.cacheLookups.inc({ outcome: cache });
    if (refusedBecause) metrics.refusals.inc({ platform, reason: refusedBecause });
    for (const warning of warnings) void notices.budget(tenant, warning);
    if (anomaly) void notices.anomaly(tenant, anomaly);
  }
}

type Lasting = Omit<PipelineDeps, 'guardOf' | 'rules' | 'models'>;

/** One version of the configuration, made ready for questions. */
function depsOf({ guard, rules, models }: Config, lasting: Lasting): PipelineDeps {
  return {
    ...lasting,
    guardOf: compileGuards(guard),
    rules: compileRules(rules),
    models: new Map(models.map((model) => [model.id, model])),
  };
}
