import type { RuleConfig } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import { checkRegex, compileRegex } from './check-regex.ts';
import { indexPhrases, type PhraseIndex } from './phrases.ts';
import { isInsideWord } from './words.ts';

/** What is to be done with certain messages, ready to be matched. Immutable: a new configuration makes a new one. */
export interface RuleSet {
  /** The tenant's first rule, in the order of the configuration, that matches what a person wrote. */
  match(tenantId: string, text: string): RuleMatch | undefined;
}

export type RuleAction = { kind: 'reply'; text: string } | { kind: 'model'; model: string } | { kind: 'ignore' };

export interface RuleMatch {
  action: RuleAction;
  /** Position of the rule in the configuration's `rules`. */
  index: number;
}

/** Patterns look at no more than this: canned questions are short, and it bounds the time of a slow pattern. */
const MAX_REGEX_CHARACTERS = 1000;

/**
 * Compiles the configuration's rules. Texts and phrases are compared trimmed, without regard to case and in Unicode
 * NFKC (so full-width `ＨＩ` is `hi`); a `regex` sees the first 1,000 characters of the trimmed text as it was written. A
 * keyword counts where it stands as a word of its own, or anywhere in scripts that put no spaces between words. What one
 * tenant configures never slows down another.
 *
 * @throws ParleyError `invalid_config` for a pattern `checkRegex` refuses
 */
export function compileRules(rules: readonly RuleConfig[]): RuleSet {
  const tenants = new Map<string, TenantRules>();
  rules.forEach((rule, index) => {
    let tenant = tenants.get(rule.tenant);
    if (!tenant) {
      tenant = { exact: new Map(), prefixes: new Map(), keywords: new Map(), regexes: [] };
      tenants.set(rule.tenant, tenant);
    }
    addRule(tenant, rule, index);
  });
  const matchers = new Map([...tenants].map(([id, tenant]) => [id, createMatcher(tenant)]));

  return {
    match(tenantId, text) {
      const index = matchers.get(tenantId)?.(text);
      const rule = index === undefined ? undefined : rules[index];
      return rule && index !== undefined ? { action: actionOf(rule), index } : undefined;
    },
  };
}

/** The configuration has seen to it that there is exactly one. */
function actionOf({ reply, model }: RuleConfig): RuleAction {
  if (reply !== undefined) return { kind: 'reply', text: reply };
  return model === undefined ? { kind: 'ignore' } : { kind: 'model', model };
}

/** Phrase → index of the first rule that has it. */
interface TenantRules {
  exact: Map<string, number>;
  prefixes: Map<string, number>;
  keywords: Map<string, number>;
  regexes: { pattern: RegExp; index: number }[];
}

function addRule(tenant: TenantRules, { match }: RuleConfig, index: number): void {
  if ('exact' in match) addPhrases(tenant.exact, match.exact, index);
  else if ('prefix' in match) addPhrases(tenant.prefixes, match.prefix, index);
  else if ('keywords' in match) addPhrases(tenant.keywords, match.keywords, index);
  else tenant.regexes.push({ pattern: safePattern(match.regex, index), index });
}

function safePattern(source: string, index: number): RegExp {
  const wrong = checkRegex(source);
  if (wrong) throw new ParleyError('invalid_config', `rules.${index}.match.regex: ${wrong}`);
  return compileRegex(source);
}

function addPhrases(phrases: Map<string, number>, words: readonly string[], index: number): void {
  for (const word of words) {
    const phrase = normalize(word);
    if (phrase !== '' && !phrases.has(phrase)) phrases.set(phrase, index);
  }
}

function normalize(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}

function createMatcher(tenant: TenantRules): (text: string) => number | undefined {
  const prefixes = indexPhrases(tenant.prefixes);
  const keywords = indexPhrases(tenant.keywords);

  return (text) => {
    const normal = normalize(text);
    let best = tenant.exact.get(normal) ?? Number.POSITIVE_INFINITY;
    best = Math.min(best, prefixes.lowestAt(normal, 0) ?? best);
    if (tenant.keywords.size > 0) best = Math.min(best, firstKeyword(keywords, normal) ?? best);
    const subject = text.trim().slice(0, MAX_REGEX_CHARACTERS);
    for (const { pattern, index } of tenant.regexes) {
      if (index >= best) break;
      if (pattern.test(subject)) best = index;
    }
    return Number.isFinite(best) ? best : undefined;
  };
}

function firstKeyword(keywords: PhraseIndex, text: string): number | undefined {
  let lowest: number | undefined;
  for (let position = 0; position < text.length; position++) {
    const value = keywords.lowestAt(text, position, (end) => !isInsideWord(text, position) && !isInsideWord(text, end));
    if (value !== undefined && (lowest === undefined || value < lowest)) lowest = value;
  }
  return lowest;
}
