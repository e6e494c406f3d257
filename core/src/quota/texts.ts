import { hubText } from '../i18n/index.ts';
import type { Language } from '../message/index.ts';
import type { LimitState, RefusalText } from './types.ts';

/** Why a question is refused: which limit, and when it resets. */
export const refusalText: RefusalText = ({ reason, limit }, language, timezone) =>
  hubText(reason === 'budget' ? 'refused_budget' : 'refused_limit', language, {
    limit: nameOf(limit, language),
    reset: timeOf(limit.resetAt, language, timezone),
  });

/** What is left of each limit, as a list. */
export function quotaText(states: readonly LimitState[], language: Language, timezone: string): string {
  if (states.length === 0) return hubText('quota_none', language);
  const lines = states.map((state) =>
    hubText('quota_line', language, {
      limit: nameOf(state, language),
      left: amount(state.remaining, state),
      reset: timeOf(state.resetAt, language, timezone),
    }),
  );
  return [hubText('quota_title', language), '', ...lines].join('\n');
}

/** Such as "20 requests a minute for one user". */
function nameOf(state: LimitState, language: Language): string {
  const { level, window, unit, name, limit } = state;
  return hubText('limit_name', language, {
    amount: amount(limit, state),
    unit: hubText(`unit_${unit}`, language),
    window: hubText(`window_${window}`, language),
    level: hubText(`level_${level}`, language, { name: name ?? '' }),
  });
}

function amount(value: number, { unit, limit }: LimitState): string {
  return unit === 'micro_usd' ? `$${(value / 1_000_000).toFixed(limit >= 100_000 ? 2 : 4)}` : String(Math.floor(value));
}

function timeOf(at: number, language: Language, timeZone: string): string {
  const format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
  return `${format.format(at)} (${timeZone})`;
}
