import { createHash } from 'node:crypto';
import { tokensOf } from './streaming.ts';
import type { SimChatRequest } from './types.ts';

/** Tokens of a prompt by where they came from. They add up to the whole. */
export interface PromptTokens {
  fresh: number;
  read: number;
  written: number;
}

/** What one API keeps of prompts that it has seen. */
export interface PromptCache {
  count(chat: SimChatRequest): PromptTokens;
}

/** Neither API keeps less than this. */
const MIN_TOKENS = 1_024;
/** OpenAI counts what it finds in steps of so many tokens. */
const STEP_TOKENS = 128;
const MAX_PROMPTS = 100;

export const NO_CACHE: PromptCache = {
  count: ({ parts }) => ({ fresh: tokensOf(textOf(parts)).length, read: 0, written: 0 }),
};

/** OpenAI's: every prompt is kept, and the longest beginning that is the same is found. https://platform.openai.com/docs/guides/prompt-caching */
export function createPrefixCache(): PromptCache {
  const seen: string[] = [];
  return {
    count({ parts }) {
      const prompt = textOf(parts);
      const common = Math.max(0, ...seen.map((earlier) => commonLength(earlier, prompt)));
      const found = Math.floor(tokensOf(prompt.slice(0, common)).length / STEP_TOKENS) * STEP_TOKENS;
      const read = found >= MIN_TOKENS ? found : 0;
      seen.push(prompt);
      if (seen.length > MAX_PROMPTS) seen.shift();
      return { fresh: tokensOf(prompt).length - read, read, written: 0 };
    },
  };
}

/** Anthropic's: only what stands before a mark is kept, and found again as a whole. https://docs.claude.com/en/docs/build-with-claude/prompt-caching */
export function createMarkedCache(): PromptCache {
  const seen = new Set<string>();
  return {
    count({ parts }) {
      const total = tokensOf(textOf(parts)).length;
      const marked = parts.flatMap(({ cached }, index) => (cached ? [textOf(parts.slice(0, index + 1))] : []));
      const kept = marked.filter((prefix) => tokensOf(prefix).length >= MIN_TOKENS);
      const tokens = (prefix: string | undefined) => (prefix === undefined ? 0 : tokensOf(prefix).length);
      const read = tokens(kept.findLast((prefix) => seen.has(hashOf(prefix))));
      const written = tokens(kept.at(-1)) - read;
      for (const prefix of kept) seen.add(hashOf(prefix));
      if (seen.size > MAX_PROMPTS) seen.delete(seen.values().next().value as string);
      return { fresh: total - read - written, read, written };
    },
  };
}

const textOf = (parts: SimChatRequest['parts']): string => parts.map(({ text }) => text).join('');
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
