export { checkRegex } from './check-regex.ts';
export { compileRules, type RuleMatch, type RuleSet } from './rules.ts';
