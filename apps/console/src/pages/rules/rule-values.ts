import type { RuleConfig } from '../../api/types.ts';

export type MatchKind = 'exact' | 'prefix' | 'keywords' | 'regex';
export type RuleAction = 'reply' | 'model' | 'ignore';

/** A rule as its form has it. */
export interface RuleValues {
  kind: MatchKind;
  words?: string[];
  regex?: string;
  action: RuleAction;
  reply?: string;
  model?: string;
}

export function toRuleValues(rule: RuleConfig): RuleValues {
  const { match, reply, model, ignore } = rule;
  const action: RuleAction = ignore ? 'ignore' : model !== undefined ? 'model' : 'reply';
  const then = { action, ...(reply === undefined ? {} : { reply }), ...(model === undefined ? {} : { model }) };
  if ('regex' in match) return { kind: 'regex', regex: match.regex, ...then };
  if ('exact' in match) return { kind: 'exact', words: match.exact, ...then };
  if ('prefix' in match) return { kind: 'prefix', words: match.prefix, ...then };
  return { kind: 'keywords', words: match.keywords, ...then };
}

export function toRule(
  tenant: string,
  { kind, words = [], regex = '', action, reply = '', model = '' }: RuleValues,
): RuleConfig {
  const match = kind === 'regex' ? { regex } : ({ [kind]: words } as RuleConfig['match']);
  if (action === 'reply') return { tenant, match, reply };
  return action === 'model' ? { tenant, match, model } : { tenant, match, ignore: true };
}
