import type { Channel } from '@parley/adapter-registry';
import type { Head } from '@parley/core/bus';
import { type AnswerDeps, type AnswerEvent, type AnswerRequest, answer, type ModelAttempt } from '@parley/core/chat';
import { type ErrorCode, ParleyError, toParleyError } from '@parley/core/errors';
import { type HubTextKey, hubText } from '@parley/core/i18n';
import { healMarkdown } from '@parley/core/markdown';
import type { RuleSet } from '@parley/core/rules';
import { answerByCommand } from './commands.ts';
import type { Outcome } from './outcome.ts';
import { questionOf } from './question.ts';

export interface DecideDeps {
  rules: RuleSet;
  answerDeps: AnswerDeps;
  /** What was said before; asked for only when a model needs it. */
  recallHistory: () => Promise<Head['history']>;
  /** Shows that the bot works, until the returned function is called. */
  showTyping: () => () => void;
  /** Called with the whole text so far whenever the model has written more. */
  onText: (text: string) => void;
}

export interface DecideSignals {
  /** The turn is no longer this worker's: stop without a trace. */
  signal: AbortSignal;
  /** A person stopped the answer: end it with what there is. */
  stop: AbortSignal;
}

/**
 * What this turn comes to: a command, a rule, or a model's answer; a failure becomes a text for the asker. Rejects only
 * when the turn was aborted (it is handed back) — everything else is an outcome.
 */
export async function decide(head: Head, channel: Channel, deps: DecideDeps, signals: DecideSignals): Promise<Outcome> {
  const byCommand = answerByCommand(head, channel);
  if (byCommand) return byCommand;
  const question = questionOf(head);
  const rule = deps.rules.match(channel.tenant.id, question);
  if (rule) return { status: 'success', text: rule.reply, attempts: [], by: 'rule' };

  const asked: Asked = { question, text: '', attempts: [] };
  const stopTyping = deps.showTyping();
  try {
    return await askModel(asked, head, channel, deps, signals);
  } catch (error) {
    if (signals.signal.aborted) throw error;
    return signals.stop.aborted ? stopped(head, asked) : failure(head, toParleyError(error), asked);
  } finally {
    stopTyping();
  }
}

/** A question on its way through a model, for when it ends before its time. */
interface Asked {
  question: string;
  /** What the model has written so far. */
  text: string;
  attempts: ModelAttempt[];
}

async function askModel(
  asked: Asked,
  head: Head,
  { tenant }: Channel,
  deps: DecideDeps,
  signals: DecideSignals,
): Promise<Outcome> {
  const { answerDeps, recallHistory, onText } = deps;
  const request: AnswerRequest = {
    requestId: head.envelope.turn,
    tenant,
    history: await recallHistory(),
    question: asked.question,
    preferredModel: head.pickedModel,
    signal: AbortSignal.any([signals.signal, signals.stop]),
  };
  const onAttempt = (attempt: ModelAttempt) => {
    asked.attempts.push(attempt);
    answerDeps.onAttempt?.(attempt);
  };
  let done: Extract<AnswerEvent, { type: 'done' }> | undefined;
  for await (const event of answer(request, { ...answerDeps, onAttempt })) {
    if (event.type === 'done') done = event;
    else {
      asked.text += event.text;
      onText(asked.text);
    }
  }
  if (!done) throw new ParleyError('model_bad_response', 'the answer ended without its last event');
  const { text, model, usage } = done;
  return { status: 'success', text, model, usage, attempts: asked.attempts, by: 'model' };
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

/**
 * A short honest reply with a reference; what went wrong inside stays in the log and the timeline. What the asker has
 * read of the answer already stays, with the reply under it.
 */
export function failure(
  head: Head,
  error: ParleyError,
  asked: Pick<Asked, 'text' | 'attempts'> = { text: '', attempts: [] },
): Outcome {
  const { turn, message, platform } = head.envelope;
  const reset = platform === 'slack' ? '/ai reset' : '/reset';
  const reply = hubText(FAILURE_TEXTS[error.code] ?? 'failed', message.language, { reference: turn, reset });
  return {
    status: 'failed',
    text: under(asked.text, reply),
    errorCode: error.code,
    attempts: asked.attempts,
    by: 'failure',
  };
}

/** Ended by a person: what was written stays, marked as stopped. */
function stopped(head: Head, asked: Asked): Outcome {
  const mark = hubText('stopped', head.envelope.message.language);
  return {
    status: 'success',
    text: under(asked.text, mark),
    errorCode: 'stopped',
    attempts: asked.attempts,
    by: 'failure',
  };
}

/** The reply below an unfinished text, outside of any code block the text has left open. */
function under(text: string, reply: string): string {
  return text === '' ? reply : `${healMarkdown(text)}\n\n${reply}`;
}
