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
  /** Resolves when what nobody waits for is written: settlements. */
  settled(): Promise<unknown>;
}

export interface AskingOptions {
  core: HubCore;
  /** Waits for Redis or fails at once, as its user wants it. */
  redis: RedisClient;
  notices: AdminNotices;
}

export function createAsking({ core, redis, notices }: AskingOptions): Asking {
  const { metrics, sealer, answering } = core;
  const { quota, settled } = remembering(createQuota({ redis, rebuild: quotaRebuild(core.store) }));
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
    settled,
  };

  function report({ tenant, platform }: Question, result: QuestionResult): void {
    const { usage, model, costMicroUsd, cache, refusedBecause, settled } = result;
    const label = metrics.tenantLabel(tenant.id);
    if (usage && result.by !== 'cache') {
      metrics.tokens.inc({ tenant: label, model: model ?? '', direction: 'in' }, usage.inputTokens);
      metrics.tokens.inc({ tenant: label, model: model ?? '', direction: 'out' }, usage.outputTokens);
    }
    if (costMicroUsd > 0) metrics.cost.inc({ tenant: label }, costMicroUsd / 1_000_000);
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

/** The quota, with the settlements under way known: a process that ends waits for them. */
function remembering(quota: Quota): { quota: Quota; settled: Asking['settled'] } {
  const underWay = new Set<Promise<unknown>>();
  const settle: Quota['settle'] = (settlement) => {
    const settling = quota.settle(settlement);
    const over = () => void underWay.delete(settling);
    underWay.add(settling);
    settling.then(over, over);
    return settling;
  };
  return { quota: { ...quota, settle }, settled: () => Promise.allSettled(underWay) };
}

/** Where an answer was found: `memory` or `redis`; nothing for one that was not. */
function levelOf({ decisions }: QuestionResult): string {
  const level = decisions.find(({ what }) => what === 'cache')?.detail?.hit;
  return typeof level === 'string' ? level : '';
}
