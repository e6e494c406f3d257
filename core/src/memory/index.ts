export { countTokens, loadTokenCounter, maxTokensOf, type TokenCounter } from './tokens.ts';
export { MESSAGE_OVERHEAD_TOKENS, trimHistory } from './trim.ts';
