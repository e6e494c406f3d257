export { answer } from './answer.ts';
export { type ChainRequest, ECHO_MODEL, modelChain } from './chain.ts';
export { contextTokens } from './context.ts';
export { estimatePromptTokens } from './prompt.ts';
export type * from './types.ts';
