import type { TenantConfig } from '@parley/core/config';
import { reasonOf } from '@parley/core/explain';
import type { TurnSums } from '@parley/core/store';
import type { RouteContext } from '../http/route.ts';
import type { Attention, RuntimeParts } from './types.ts';

/** Fewer turns than this say nothing about a share of failures. */
const TURNS_MIN = 20;
const FAILED_WARNING = 0.05;
const FAILED_ERROR = 0.2;
/** Without a share of its own a budget is told of from here on. */
const BUDGET_WARNING = 0.8;
/** A take-over that lasts so long was probably forgotten. */
const FORGOTTEN_MS = 12 * 3_600_000;
/** More are not read by anybody. */
const MAX = 100;

type Sums = TurnSums & { tenant: string };
type May = RouteContext['may'];

/** Looks for what needs attention in some tenants: what cannot be asked just now is left out, and the rest is told. */
export function createAttention(deps: RuntimeParts) {
  const {
    config,
    deadLetters,
    takeOvers,
    limitsOf,
    health = () => [],
    attention = async () => [],
    now = Date.now,
  } = deps;

  async function dead(tenants: readonly string[]): Promise<Attention[]> {
    const counts = await deadLetters.counts();
    return tenants.flatMap((tenant) => {
      const { kept = 0 } = counts.get(tenant) ?? {};
      if (kept === 0) return [];
      return {
        kind: 'dead_letters',
        severity: 'error',
        tenant,
        subject: String(kept),
        message: {
          en: `${kept} ${kept === 1 ? 'reply' : 'replies'} could not be delivered or found`,
          zh: `有 ${kept} 条回复未能送达或生成`,
        },
        link: `/dead-letters?tenant=${encodeURIComponent(tenant)}`,
      };
    });
  }

  async function budgetOf(tenant: TenantConfig): Promise<Attention[]> {
    const { budget } = tenant;
    if (!budget) return [];
    const states = await limitsOf({ tenant, platform: 'api', user: '' });
    const state = states.find(({ level, unit }) => level === 'tenant' && unit === 'micro_usd');
    const share = state ? state.used / state.limit : 0;
    if (share < Math.min(BUDGET_WARNING, ...budget.warn_at)) return [];
    const percent = Math.floor(share * 100);
    return [
      {
        kind: 'budget',
        severity: share >= 1 ? 'error' : 'warning',
        tenant: tenant.id,
        subject: `${percent} %`,
        message: { en: `${percent} % of this month's budget is used`, zh: `本月预算已使用 ${percent}%` },
        link: `/quota?tenant=${encodeURIComponent(tenant.id)}`,
      },
    ];
  }

  function models(tenants: readonly TenantConfig[], may: May): Attention[] {
    const seen = (model: string) =>
      tenants.some((tenant) => tenant.models.includes(model)) || may('*', 'model:read', model);
    return health().flatMap(({ model, endpoint, keyFingerprint, breaker, coolingUntil, coolingBecause }) => {
      if (!seen(model)) return [];
      const about = { tenant: null, link: `/models/${encodeURIComponent(model)}` };
      if (breaker === 'open') {
        return {
          ...about,
          kind: 'breaker',
          severity: 'error',
          subject: model,
          message: {
            en: `${model} is not asked at ${endpoint ?? 'its endpoint'}: too many calls failed`,
            zh: `${model} 的端点 ${endpoint ?? ''} 失败过多，已暂停调用`,
          },
        };
      }
      const isRefused = coolingBecause === 'model_auth' || coolingBecause === 'model_out_of_money';
      if (!isRefused || coolingUntil === undefined) return [];
      const { en, zh } = reasonOf(coolingBecause);
      const key = keyFingerprint ?? '';
      return {
        ...about,
        kind: 'model_key',
        severity: 'warning',
        subject: model,
        message: { en: `Key ${key} of ${model} rests: ${en}`, zh: `${model} 的密钥 ${key} 已停用：${zh}` },
      };
    });
  }

  async function forgotten(tenants: readonly string[]): Promise<Attention[]> {
    const taken = [...(await takeOvers.list()).values()];
    return taken.flatMap(({ tenant, conversation, by, since }) => {
      if (!tenants.includes(tenant) || now() - since < FORGOTTEN_MS) return [];
      const hours = Math.floor((now() - since) / 3_600_000);
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

  return async (tenants: readonly string[], sums: readonly Sums[], may: May): Promise<Attention[]> => {
    const configured = config().tenants.filter(({ id }) => tenants.includes(id));
    const found = await Promise.allSettled([
      dead(tenants),
      failing(sums),
      models(configured, may),
      ...configured.map(budgetOf),
      forgotten(tenants),
      attention(tenants),
    ]);
    const all = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    return all.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error')).slice(0, MAX);
  };
}

function failing(sums: readonly Sums[]): Attention[] {
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
      link: `/turns?status=failed&tenant=${encodeURIComponent(tenant)}`,
    };
  });
}
