import type { ModelConfig } from '../config/index.ts';
import { loadTokenCounter, MESSAGE_OVERHEAD_TOKENS, maxTokensOf, trimHistory } from '../memory/index.ts';
import type { ChatMessage, ModelRequest } from '../provider/types.ts';
import { contextTokens } from './context.ts';
import type { AnswerRequest } from './types.ts';

/** Our counts are estimates for every model but OpenAI's: this share of the context stays free. */
const MARGIN = 0.1;

/**
 * The tenant's system prompt, as much of the history as the model's context holds, and the question. A question that
 * alone is too long goes out all the same: whether it really is, the model knows better.
 */
export async function buildPrompt(
  request: AnswerRequest,
  model: ModelConfig,
  halfHistory: boolean,
): Promise<ModelRequest> {
  const maxOutputTokens = Math.min(request.maxOutputTokens ?? model.max_output_tokens, model.max_output_tokens);
  const room = Math.floor(contextTokens(model) * (1 - MARGIN)) - maxOutputTokens;
  const fitting = await fit(request, room);
  return {
    system: request.tenant.system_prompt || undefined,
    messages: [...(halfHistory ? newerHalf(fitting) : fitting), { role: 'user', content: request.question }],
    maxOutputTokens,
    temperature: request.temperature,
  };
}

async function fit({ tenant, history, question }: AnswerRequest, room: number): Promise<ChatMessage[]> {
  const fixed = [tenant.system_prompt, question];
  const texts = [...fixed, ...history.map(({ content }) => content)];
  // Most conversations are far below the limit: the bound tells so without the tokenizer.
  if (sum(texts, maxTokensOf) <= room) return history;
  const count = await loadTokenCounter();
  return trimHistory(history, room - sum(fixed, count), count);
}

function sum(texts: readonly string[], count: (text: string) => number): number {
  return texts.reduce((total, text) => total + count(text) + MESSAGE_OVERHEAD_TOKENS, 0);
}

/** At least one message goes, and the rest starts with a person's. */
function newerHalf(messages: readonly ChatMessage[]): ChatMessage[] {
  const middle = Math.ceil(messages.length / 2);
  const start = messages.findIndex(({ role }, index) => index >= middle && role === 'user');
  return start < 0 ? [] : messages.slice(start);
}
