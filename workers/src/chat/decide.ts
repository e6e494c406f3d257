import type { Channel } from '@parley/adapter-registry';
import type { Head } from '@parley/core/bus';
import { type AnswerDeps, type AnswerEvent, type AnswerRequest, answer, type ModelAttempt } from '@parley/core/chat';
import { type ErrorCode, ParleyError, toParleyError } from '@parley/core/errors';
import { type HubTextKey, hubText } from '@parley/core/i18n';
import type { RuleSet } from '@parley/core/rules';
import { answerByCommand } from './commands.ts';
import type { Outcome } from './outcome.ts';

export interface DecideDeps {
  rules: RuleSet;
  answerDeps: AnswerDeps;
  /** What was said before; asked for only when a model needs it. */
  recallHistory: () => Promise<Head['history']>;
  /** Shows that the bot works, until the returned function is called. */
  showTyping: () => () => void;
}

/**
 * What this turn comes to: a command, a rule, or a model's answer; a failure becomes a text for the asker. Rejects only
 * when the turn was aborted (it is handed back) — everything else is an outcome.
 */
export async function decide(head: Head, channel: Channel, deps: DecideDeps, signal: AbortSignal): Promise<Outcome> {
  const byCommand = answerByCommand(head, channel);
  if (byCommand) return byCommand;
  const { message } = head.envelope;
  const rule = deps.rules.match(channel.tenant.id, message.text);
  if (rule) return { status: 'success', text: rule.reply, attempts: [], by: 'rule' };

  const attempts: ModelAttempt[] = [];
  const stopTyping = deps.showTyping();
  try {
    return await askModel(head, channel, deps, attempts, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return failure(head, toParleyError(error), attempts);
  } finally {
    stopTyping();
  }
}

async function askModel(
  head: Head,
  { tenant }: Channel,
  { answerDeps, recallHistory }: DecideDeps,
  attempts: ModelAttempt[],
  signal: AbortSignal,
): Promise<Outcome> {
  const { turn, message } = head.envelope;
  const request: AnswerRequest = {
    requestId: turn,
    tenant,
    history: await recallHistory(),
    question: message.text,
    preferredModel: head.pickedModel,
    signal,
  };
  const onAttempt = (attempt: ModelAttempt) => {
    attempts.push(attempt);
    answerDeps.onAttempt?.(attempt);
  };
  let done: Extract<AnswerEvent, { type: 'done' }> | undefined;
  for await (const event of answer(request, { ...answerDeps, onAttempt })) if (event.type === 'done') done = event;
  if (!done) throw new ParleyError('model_bad_response', 'the answer ended without its last event');
  return {
    status: 'success',
    text: done.text,
    model: done.model,
    usage: done.usage,
    attempts,
    by: 'model',
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

/** A short honest reply with a reference; what went wrong inside stays in the log and the timeline. */
export function failure(head: Head, error: ParleyError, attempts: ModelAttempt[]): Outcome {
  const { turn, message, platform } = head.envelope;
  const reset = platform === 'slack' ? '/ai reset' : '/reset';
  const text = hubText(FAILURE_TEXTS[error.code] ?? 'failed', message.language, { reference: turn, reset });
  return { status: 'failed', text, errorCode: error.code, attempts, by: 'failure' };
}
