import type { RedisClient } from '@parley/core/bus';
import type { TenantConfig } from '@parley/core/config';
import { createVaultStore } from '@parley/core/guard';
import type { AdminNotices } from '@parley/core/notices';
import {
  ask,
  maskText,
  type Question,
  type QuestionEvent,
  type QuestionResult,
  type Settled,
} from '@parley/core/pipeline';
import { createQuota, type Quota, type QuotaSubject } from '@parley/core/quota';
import type { HubCore } from './core.ts';
import { quotaRebuild } from './quota-rebuild.ts';

/** The chat core as one role asks it, over what the whole process shares. */
export interface Asking {
  ask(question: Question): AsyncGenerator<QuestionEvent>;
  limitsOf(subject: QuotaSubject): ReturnType<Quota['snapshot']>;
  /** A text with personal data replaced, as transcripts and later models see it. */
  mask(tenant: TenantConfig, conversation: string, text: string): Promise<string>;
  quota: Quota;
}

export interface AskingOptions {
  core: HubCore;
  /** Waits for Redis or fails at once, as its user wants it. */
  redis: RedisClient;
  notices: AdminNotices;
}

export function createAsking({ core, redis, notices }: AskingOptions): Asking {
  const { metrics, sealer, answering } = core;
  const quota = createQuota({ redis, rebuild: quotaRebuild(core.store) });
  const vaults = createVaultStore({ redis, sealer });
  const deps = () => ({ ...answering.deps(), quota, vaults });

  return {
    async *ask(question) {
      for await (const event of ask(question, deps())) {
        if (event.type === 'done') report(question, event.result);
        yield event;
      }
    },
    limitsOf: (subject) => quota.snapshot(subject, subject.tenant.models),
    mask: (tenant, conversation, text) => maskText({ tenant, conversation, text }, deps()),
    quota,
  };

  function report({ tenant, platform }: Question, result: QuestionResult): void {
    const { usage, model, costMicroUsd, cache, refusedBecause, settled } = result;
    if (usage && result.by !== 'cache') {
      metrics.tokens.inc({ tenant: tenant.id, model: model ?? '', direction: 'in' }, usage.inputTokens);
      metrics.tokens.inc({ tenant: tenant.id, model: model ?? '', direction: 'out' }, usage.outputTokens);
    }
    if (costMicroUsd > 0) metrics.cost.inc({ tenant: tenant.id }, costMicroUsd / 1_000_000);
    if (cache) metrics.cacheLookups.inc({ outcome: cache, level: levelOf(result) });
    if (refusedBecause) metrics.refusals.inc({ platform, reason: refusedBecause });
    tell(tenant, result);
    void settled?.then((later) => tell(tenant, later));
  }

  function tell(tenant: TenantConfig, { warnings, anomaly }: Settled): void {
    for (const warning of warnings) void notices.budget(tenant, warning);
    if (anomaly) void notices.anomaly(tenant, anomaly);
  }
}

/** Where an answer was found: `memory` or `redis`; nothing for one that was not. */
function levelOf({ decisions }: QuestionResult): string {
  const level = decisions.find(({ what }) => what === 'cache')?.detail?.hit;
  return typeof level === 'string' ? level : '';
}
