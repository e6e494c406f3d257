import type { ChatMessage } from '../provider/types.ts';
import type { TokenCounter } from './tokens.ts';

/** What a message costs besides its text: role and separators (OpenAI's cookbook counts 3 to 4). */
export const MESSAGE_OVERHEAD_TOKENS = 4;

/**
 * The newest part of a conversation that fits into `maxTokens`. Whole turns go, oldest first: what remains is
 * unbroken, ends with the newest message and starts with a message of the person, as every model expects. Empty when
 * not even the newest turn fits.
 */
export function trimHistory(messages: readonly ChatMessage[], maxTokens: number, count: TokenCounter): ChatMessage[] {
  let start = messages.length;
  let tokens = 0;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message === undefined) break;
    tokens += count(message.content) + MESSAGE_OVERHEAD_TOKENS;
    if (tokens > maxTokens) break;
    if (message.role === 'user') start = index;
  }
  return messages.slice(start);
}
