import type { Channel } from '@parley/adapter-registry';
import type { Head } from '@parley/core/bus';
import { type ErrorCode, ParleyError, toParleyError } from '@parley/core/errors';
import { type HubTextKey, hubText } from '@parley/core/i18n';
import { healMarkdown } from '@parley/core/markdown';
import type { Question, QuestionEvent, QuestionResult } from '@parley/core/pipeline';
import type { ChatMessage } from '@parley/core/provider';
import { refusalText } from '@parley/core/quota';
import type { Span } from '@parley/core/telemetry';
import { answerByCommand, type LimitsOf } from './commands.ts';
import type { Outcome } from './outcome.ts';
import { questionFor } from './question.ts';

export interface DecideDeps {
  ask: (question: Question) => AsyncGenerator<QuestionEvent>;
  limitsOf: LimitsOf;
  pseudonym: (tenant: string, platform: string, id: string) => string;
  /** What was said before; asked for only when a model needs it. */
  recallHistory: () => Promise<ChatMessage[]>;
  /** Shows that the bot works, until the returned function is called. */
  showTyping: () => () => void;
  /** Called with the whole text so far whenever the model has written more. */
  onText: (text: string) => void;
  now: () => number;
  /** What the steps are told to; absent without traces. */
  span?: Span | undefined;
}

export interface DecideSignals {
  /** The turn is no longer this worker's: stop without a trace. */
  signal: AbortSignal;
  /** A person stopped the answer: end it with what there is. */
  stop: AbortSignal;
}

/**
 * What this turn comes to: a command, a rule, or a model's answer; a refusal or failure becomes a text for the asker.
 * Rejects only when the turn was aborted (it is handed back) — everything else is an outcome.
 */
export async function decide(head: Head, channel: Channel, deps: DecideDeps, signals: DecideSignals): Promise<Outcome> {
  const byCommand = await answerByCommand(head, channel, deps.limitsOf);
  if (byCommand) return byCommand;
  const stopTyping = deps.showTyping();
  try {
    const result = await resultOf(head, channel, deps, signals);
    return outcomeOf(head, channel, result, signals.stop.aborted);
  } catch (error) {
    if (signals.signal.aborted) throw error;
    return failure(head, toParleyError(error));
  } finally {
    stopTyping();
  }
}

async function resultOf(
  head: Head,
  channel: Channel,
  deps: DecideDeps,
  { signal, stop }: DecideSignals,
): Promise<QuestionResult> {
  const question = questionFor(head, channel, deps, { signal: stop, handedBack: signal });
  let text = '';
  for await (const event of deps.ask(question)) {
    if (event.type === 'done') return event.result;
    if (event.type !== 'delta') continue;
    text += event.text;
    deps.onText(text);
  }
  throw new ParleyError('internal', 'the question ended without a result');
}

function outcomeOf(head: Head, { tenant }: Channel, result: QuestionResult, isStopped: boolean): Outcome {
  const { status, by, model, usage, attempts, cache, costMicroUsd, decisions, masked } = result;
  const outcome: Outcome = {
    status,
    by,
    text: result.text,
    model,
    usage,
    attempts,
    cache,
    costMicroUsd,
    decisions,
    masked,
  };
  if (status === 'success') return outcome;
  // Ended by a person: what was written stays, marked as stopped.
  if (isStopped) {
    const mark = hubText('stopped', head.envelope.message.language);
    return { ...outcome, status: 'success', by: 'failure', errorCode: 'stopped', text: under(result.text, mark) };
  }
  return {
    ...outcome,
    errorCode: result.errorCode,
    text: under(result.text, explain(head, result, tenant.timezone)),
  };
}

const FAILURE_TEXTS: Partial<Record<ErrorCode, HubTextKey>> = {
  model_rate_limited: 'failed_busy',
  model_overloaded: 'failed_busy',
  model_context_too_long: 'failed_too_long',
  model_content_filtered: 'failed_filtered',
  model_out_of_money: 'failed_no_model',
  model_auth: 'failed_no_model',
  no_model_available: 'failed_no_model',
};

/** Why there is no answer, or only a part of one, in the asker's language; never internals. */
function explain(head: Head, result: QuestionResult, timezone: string): string {
  const { message, turn } = head.envelope;
  const { refusedBecause: reason, limit, retryAfterMs = 0, errorCode = 'internal', warnings } = result;
  if (reason === 'keyword' || reason === 'injection') {
    return hubText(reason === 'keyword' ? 'blocked_keyword' : 'blocked_injection', message.language, {
      reference: turn,
    });
  }
  if (reason && limit) {
    return refusalText({ status: 'refused', reason, limit, retryAfterMs, warnings }, message.language, timezone);
  }
  return failureText(head, errorCode);
}

function failureText({ envelope: { turn, message, platform } }: Head, code: ErrorCode): string {
  const reset = platform === 'slack' ? '/ai reset' : '/reset';
  return hubText(FAILURE_TEXTS[code] ?? 'failed', message.language, { reference: turn, reset });
}

/** A short honest reply with a reference; what went wrong inside stays in the log and the timeline. */
export function failure(head: Head, error: ParleyError): Outcome {
  return { status: 'failed', text: failureText(head, error.code), errorCode: error.code, attempts: [], by: 'failure' };
}

/** The reply below an unfinished text, outside of any code block the text has left open. */
function under(text: string, reply: string): string {
  return text === '' ? reply : `${healMarkdown(text)}\n\n${reply}`;
}
