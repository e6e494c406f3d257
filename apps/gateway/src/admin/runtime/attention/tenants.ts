import type { TakenConversation } from '@parley/core/bus';
import type { TenantConfig } from '@parley/core/config';
import type { TurnSums } from '@parley/core/store';
import type { Attention, RuntimeDeps } from '../types.ts';

/** Fewer turns than this say nothing about a share of failures. */
const TURNS_MIN = 20;
const FAILED_WARNING = 0.05;
const FAILED_ERROR = 0.2;
/** Without a share of its own a budget is told of from here on. */
const BUDGET_WARNING = 0.8;
/** A take-over that lasts so long was probably forgotten. */
const FORGOTTEN_MS = 12 * 3_600_000;

const query = (tenant: string) => `tenant=${encodeURIComponent(tenant)}`;

export function lettersToRead(tenants: readonly string[], counts: ReadonlyMap<string, { kept: number }>): Attention[] {
  return tenants.flatMap((tenant) => {
    const { kept = 0 } = counts.get(tenant) ?? {};
    if (kept === 0) return [];
    const en = `${kept} ${kept === 1 ? 'reply' : 'replies'} could not be delivered or found`;
    const message = { en, zh: `有 ${kept} 条回复未能送达或生成` };
    const link = `/dead-letters?${query(tenant)}`;
    return { kind: 'dead_letters', severity: 'error', tenant, subject: String(kept), message, link };
  });
}

export function failing(sums: readonly (TurnSums & { tenant: string })[]): Attention[] {
  return sums.flatMap(({ tenant, success, failed }) => {
    const share = failed / Math.max(1, success + failed);
    if (success + failed < TURNS_MIN || share < FAILED_WARNING) return [];
    const percent = Math.round(share * 100);
    return {
      kind: 'failures',
      severity: share >= FAILED_ERROR ? 'error' : 'warning',
      tenant,
      subject: `${percent} %`,
      message: { en: `${percent} % of the questions were not answered`, zh: `有 ${percent}% 的问题未得到回答` },
      link: `/turns?status=failed&${query(tenant)}`,
    };
  });
}

export async function spentBudget(tenant: TenantConfig, limitsOf: RuntimeDeps['limitsOf']): Promise<Attention[]> {
  const { budget, id } = tenant;
  if (!budget) return [];
  const states = await limitsOf({ tenant, platform: 'api', user: '' });
  const state = states.find(({ level, unit }) => level === 'tenant' && unit === 'micro_usd');
  const share = state ? state.used / state.limit : 0;
  const from = budget.warn_at.length > 0 ? Math.min(...budget.warn_at) : BUDGET_WARNING;
  if (share < from) return [];
  const percent = Math.floor(share * 100);
  return [
    {
      kind: 'budget',
      severity: share >= 1 ? 'error' : 'warning',
      tenant: id,
      subject: `${percent} %`,
      message: { en: `${percent} % of this month's budget is used`, zh: `本月预算已使用 ${percent}%` },
      link: `/quota?${query(id)}`,
    },
  ];
}

export function forgottenTakeOvers(
  tenants: readonly string[],
  taken: Iterable<TakenConversation>,
  now: number,
): Attention[] {
  return [...taken].flatMap(({ tenant, conversation, by, since }) => {
    if (!tenants.includes(tenant) || now - since < FORGOTTEN_MS) return [];
    const hours = Math.floor((now - since) / 3_600_000);
    return {
      kind: 'taken_over',
      severity: 'warning',
      tenant,
      subject: conversation,
      message: {
        en: `${by} took this conversation over ${hours} hours ago; the bot does not answer in it`,
        zh: `${by} 已接管此会话 ${hours} 小时，机器人不再回答`,
      },
      link: `/conversations/${encodeURIComponent(tenant)}/${encodeURIComponent(conversation)}`,
    };
  });
}
