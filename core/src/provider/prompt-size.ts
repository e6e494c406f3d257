import { MESSAGE_OVERHEAD_TOKENS, type TokenCounter } from '../memory/index.ts';
import type { ModelRequest } from './types.ts';

/** What a picture counts as at least (OpenAI: 85 and up, Anthropic: about 1,600 for a large one). */
const IMAGE_TOKENS = 1_600;

/**
 * Tokens of all that a model reads: besides the words the tools, what they were called with, the shape the answer is to
 * have, and pictures. What is left out here is reserved by nobody.
 */
export function promptTokens({ system, messages, extras }: ModelRequest, count: TokenCounter): number {
  const { tools, responseFormat } = extras ?? {};
  const texts = [
    ...(system ? [system] : []),
    ...(tools?.length ? [JSON.stringify(tools)] : []),
    ...(responseFormat?.type === 'json_schema' ? [JSON.stringify(responseFormat.jsonSchema)] : []),
    ...messages.map(({ content, toolCalls = [] }) =>
      [content, ...toolCalls.map(({ name, arguments: args }) => `${name} ${args}`)].join('\n'),
    ),
  ];
  const pictures = messages.reduce((sum, { images = [] }) => sum + images.length, 0);
  return texts.reduce((sum, text) => sum + count(text) + MESSAGE_OVERHEAD_TOKENS, pictures * IMAGE_TOKENS);
}
