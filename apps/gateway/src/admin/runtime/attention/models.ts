import { reasonOf } from '@parley/core/explain';
import type { RouteHealth } from '@parley/core/pool';
import type { Attention } from '../types.ts';

/** Ways to models that are not used just now, because too much failed there or somebody has to do something. */
export function modelsToMend(ways: readonly RouteHealth[], maySee: (model: string) => boolean): Attention[] {
  return ways.filter(({ model }) => maySee(model)).flatMap(told);
}

function told({ model, endpoint, keyFingerprint, breaker, coolingUntil, coolingBecause }: RouteHealth): Attention[] {
  const about = { tenant: null, subject: model, link: `/models/${encodeURIComponent(model)}` };
  if (breaker === 'open') {
    const where = endpoint ?? 'default';
    const message = {
      en: `${model} is not asked at ${where}: too many calls failed`,
      zh: `${model} 的端点 ${where} 失败过多，已暂停调用`,
    };
    return [{ ...about, kind: 'breaker', severity: 'error', message }];
  }
  const isRefused = coolingBecause === 'model_auth' || coolingBecause === 'model_out_of_money';
  if (!isRefused || coolingUntil === undefined) return [];
  const { en, zh } = reasonOf(coolingBecause);
  const key = keyFingerprint ?? '';
  const message = { en: `Key ${key} of ${model} rests: ${en}`, zh: `${model} 的密钥 ${key} 已停用：${zh}` };
  return [{ ...about, kind: 'model_key', severity: 'warning', message }];
}
