export { checkRegex } from './check-regex.ts';
export { renderReply } from './render.ts';
export { compileRules, type RuleAction, type RuleMatch, type RuleSet } from './rules.ts';
export { isInsideWord } from './words.ts';
