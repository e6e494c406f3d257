import { type ErrorCode, ParleyError } from '@parley/core/errors';
import type { Question, QuestionEvent, QuestionResult } from '@parley/core/pipeline';
import { type LimitState, refusalText } from '@parley/core/quota';

/** What a result that is no answer is to a caller. */
export function refusalOf(question: Question, result: QuestionResult): ParleyError {
  const { errorCode = 'internal', refusedBecause: reason, limit, retryAfterMs } = result;
  if (limit && (reason === 'rate' || reason === 'quota' || reason === 'budget')) {
    const refusal = { status: 'refused' as const, reason, limit, retryAfterMs: retryAfterMs ?? 1000, warnings: [] };
    return new ParleyError(errorCode, refusalText(refusal, 'en', question.tenant.timezone), { retryAfterMs });
  }
  const [code, message] = OUTWARD[errorCode] ?? ['no_model_available', 'No model could answer that just now'];
  return new ParleyError(code, message, { retryAfterMs: retryAfterMs ?? 5_000 });
}

const OUTWARD: Partial<Record<ErrorCode, [ErrorCode, string]>> = {
  blocked: ['blocked', 'The question or the answer touches something that is not allowed here'],
  model_content_filtered: ['blocked', "The AI provider's content filter refused this"],
  model_context_too_long: ['invalid_request', 'messages: too long for the model'],
  model_invalid_request: ['invalid_request', 'The model does not take this request as it is'],
  unavailable: ['unavailable', 'The hub cannot take this right now'],
  internal: ['internal', 'Something went wrong inside the hub'],
};

/** The headers every answer carries, and a refusal as far as it is known. */
export function answerHeaders({
  model,
  attempts,
  cache,
  limit,
}: {
  model?: string | undefined;
  attempts?: number | undefined;
  cache?: 'hit' | 'miss' | undefined;
  limit?: LimitState | undefined;
}): Record<string, string> {
  return {
    ...(model === undefined ? {} : { 'x-parley-model': model }),
    ...(attempts === undefined ? {} : { 'x-parley-attempts': String(attempts) }),
    'x-parley-cache': cache ?? 'miss',
    ...(limit ? rateLimitHeaders(limit) : {}),
  };
}

/** @param resetAt Unix ms */
export function rateLimitHeaders({ limit, remaining, resetAt }: Pick<LimitState, 'limit' | 'remaining' | 'resetAt'>) {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(Math.floor(remaining)),
    'x-ratelimit-reset': String(Math.ceil(resetAt / 1000)),
  };
}

export function usageOf({ usage }: QuestionResult) {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0 } = usage ?? {};
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
  };
}

/** Plays a question to its end. @throws ParleyError for anything but an answer */
export async function resultOf(events: AsyncGenerator<QuestionEvent>, question: Question): Promise<QuestionResult> {
  for await (const event of events) {
    if (event.type !== 'done') continue;
    if (event.result.status === 'success') return event.result;
    throw refusedAnswer(question, event.result);
  }
  throw new ParleyError('internal', 'the question ended without a result');
}

/** The same as an HTTP error, with what its headers tell. */
export function refusedAnswer(question: Question, result: QuestionResult): ParleyError {
  const { model, attempts, cache, limit } = result;
  const headers = answerHeaders({ model, attempts: attempts.length, cache, limit });
  return Object.assign(refusalOf(question, result), { headers });
}

export function headersOf({ model, attempts, cache, limit }: QuestionResult) {
  return { model, attempts: Math.max(1, attempts.length), cache, limit };
}
