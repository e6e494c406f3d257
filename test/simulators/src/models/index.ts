export { startAnthropicSimulator } from './anthropic.ts';
export { startOpenAiSimulator } from './openai.ts';
export type * from './types.ts';
