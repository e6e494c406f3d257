import { countTokens } from '../memory/index.ts';
import type { ModelRequest, Usage } from './types.ts';

/** What two calls used together. */
export function addUsage(a: Usage, b: Usage): Usage {
  const cacheWriteTokens = (a.cacheWriteTokens ?? 0) + (b.cacheWriteTokens ?? 0);
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    ...(cacheWriteTokens > 0 ? { cacheWriteTokens } : {}),
    estimated: a.estimated || b.estimated,
  };
}

/** Half a token here or there does not matter, but a missing usage report must never make an answer free. */
export async function estimateUsage({ system = '', messages }: ModelRequest, answer: string): Promise<Usage> {
  const prompt = [system, ...messages.map(({ content }) => content)].join('\n');
  const [inputTokens, outputTokens] = await Promise.all([countTokens(prompt), countTokens(answer)]);
  return { inputTokens, outputTokens, cachedInputTokens: 0, estimated: true };
}
