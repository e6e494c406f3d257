import { loadTokenCounter } from '../memory/index.ts';
import { promptTokens } from './prompt-size.ts';
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

const MOST_TOKENS = 2 ** 31 - 1;

/**
 * Whether a report can be counted with. Servers that imitate another's API leave fields out or make something up, and what
 * is no whole number would spoil every counter and sum that it is added to.
 */
export function isUsable({
  inputTokens,
  outputTokens,
  cachedInputTokens,
  cacheWriteTokens = 0,
}: Omit<Usage, 'estimated'>) {
  return [inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens].every(
    (count) => Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS,
  );
}

/** Half a token here or there does not matter, but a missing usage report must never make an answer free. */
export async function estimateUsage(request: ModelRequest, answer: string): Promise<Usage> {
  const count = await loadTokenCounter();
  return {
    inputTokens: promptTokens(request, count),
    outputTokens: count(answer),
    cachedInputTokens: 0,
    estimated: true,
  };
}
