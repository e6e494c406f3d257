import type { ModelConfig } from '../config/index.ts';
import { loadTokenCounter, MESSAGE_OVERHEAD_TOKENS, maxTokensOf, trimHistory } from '../memory/index.ts';
import { promptTokens } from '../provider/prompt-size.ts';
import type { ChatMessage, ModelRequest } from '../provider/types.ts';
import { contextTokens } from './context.ts';
import type { AnswerRequest } from './types.ts';

/** Our counts are estimates for every model but OpenAI's: this share of the context stays free. */
const MARGIN = 0.1;
type PromptParts = Pick<AnswerRequest, 'tenant' | 'system' | 'history' | 'question' | 'images' | 'extras'>;

/**
 * The tenant's system prompt and the caller's, as much of the history as the model's context holds, and the question. A
 * question that alone is too long goes out all the same: whether it really is, the model knows better.
 *
 * @param shown what the asker has read of the answer already: the model is to go on from there
 */
export async function buildPrompt(
  request: AnswerRequest,
  model: ModelConfig,
  halfHistory: boolean,
  shown = '',
): Promise<ModelRequest> {
  const maxOutputTokens = Math.min(request.maxOutputTokens ?? model.max_output_tokens, model.max_output_tokens);
  const room = Math.floor(contextTokens(model) * (1 - MARGIN)) - maxOutputTokens;
  const fitting = await fit(request, room);
  const { images } = request;
  const question: ChatMessage = { role: 'user', content: request.question, ...(images?.length ? { images } : {}) };
  const asked = request.question === '' && !images?.length && fitting.at(-1)?.role === 'tool' ? [] : [question];
  return {
    system: systemOf(request) || undefined,
    messages: [...(halfHistory ? newerHalf(fitting) : fitting), ...asked, ...goOnFrom(shown)],
    maxOutputTokens,
    temperature: request.temperature,
    gatherMs: request.gatherMs,
    ...(request.extras ? { extras: request.extras } : {}),
  };
}

/**
 * Tokens of the whole prompt, rather too many than too few: what is reserved before a model is asked. Without `exact` a
 * quick guess, for when nothing is counted in tokens or money.
 */
export async function estimatePromptTokens(request: PromptParts, exact: boolean): Promise<number> {
  const { history, question, images, extras } = request;
  const messages: ChatMessage[] = [...history, { role: 'user', content: question, images }];
  const count = exact ? await loadTokenCounter() : (text: string) => Math.ceil(maxTokensOf(text) / 3);
  return promptTokens({ system: systemOf(request), messages, extras }, count);
}

function systemOf({ tenant, system = '' }: Pick<AnswerRequest, 'tenant' | 'system'>): string {
  return [tenant.system_prompt, system].filter((text) => text !== '').join('\n\n');
}

const GO_ON =
  'Your answer was cut off. Continue exactly where it stopped, in the same language and format. Do not repeat anything and do not apologise.';

function goOnFrom(shown: string): ChatMessage[] {
  if (shown === '') return [];
  return [
    { role: 'assistant', content: shown },
    { role: 'user', content: GO_ON },
  ];
}

async function fit(request: AnswerRequest, room: number): Promise<ChatMessage[]> {
  const { history, question } = request;
  const fixed = [systemOf(request), question];
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
