import type { Channel } from '@parley/adapter-registry';
import { anchorOf, type Completion, type FinishedTurn, type Head, turnNotice, writeDeadLetter } from '@parley/core/bus';
import type { DeliveryResult } from '../delivery/deliver.ts';
import type { Outcome } from './outcome.ts';
import { questionOf } from './question.ts';
import type { Timeline } from './timeline.ts';
import type { TurnRunnerOptions } from './turn.ts';

export interface FinishInput {
  head: Head;
  channel: Channel | undefined;
  outcome: Outcome;
  delivery: Exclude<DeliveryResult, { status: 'lost' }>;
  timeline: Timeline;
  options: TurnRunnerOptions;
  finishedAt: number;
}

/** The row for the archive, and what the conversation keeps of the turn. */
export function finishTurn(input: FinishInput): { turn: FinishedTurn; completion: Completion } {
  const { channel, outcome, delivery } = input;
  const turn = describeTurn(input);
  const session = channel?.tenant.session;
  return {
    turn,
    completion: {
      archiveRow: JSON.stringify(turn),
      notice: turnNotice(turn),
      ...sessionOf(input, turn),
      historyKeep: 2 * (session?.turns ?? 0),
      historyTtlMs: 1000 * (session?.ttl_seconds ?? 1),
      pickModel: outcome.pickModel,
      deadLetter: deadLetterOf(input),
      // In a direct chat everything is for the bot: nobody asks there whose message it was.
      ownRefs: isGroup(input) ? [...new Set(delivery.receipts.flatMap((receipt) => receipt.refs))] : [],
    },
  };
}

/**
 * What Redis remembers from now on: beside this turn all that was recalled for it, or the next one would know of nothing
 * else. A turn that nobody recalled anything for, such as a command, leaves that to the next.
 */
function sessionOf(input: FinishInput, turn: FinishedTurn): Pick<Completion, 'remember' | 'resetHistory' | 'known'> {
  const { known, recalled = [] } = input.head;
  const said = remembered(input, turn);
  if (turn.kind === 'reset') return { remember: [], resetHistory: true };
  if (said.length === 0) return { remember: [], resetHistory: false, known };
  return { remember: [...recalled, ...said], resetHistory: recalled.length > 0 };
}

const isGroup = ({ head }: FinishInput) => head.envelope.message.chat.kind === 'group';

/** What the conversation keeps of it: masked, and nothing that the asker never saw or that only the hub said. */
function remembered({ head, outcome }: FinishInput, { kind }: FinishedTurn): Completion['remember'] {
  if (kind !== 'model' && kind !== 'cache' && kind !== 'human') return [];
  const { question, answer } = outcome.masked ?? { question: questionOf(head), answer: outcome.text };
  const said: Completion['remember'] = [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ];
  // Who took over answers when it suits them: question and answer are two turns.
  return kind === 'human' ? said.filter(({ content }) => content !== '') : said;
}

/** A turn whose answer did not arrive, or for which there is none because it killed its workers, can be sent again later. */
function deadLetterOf({ head, outcome, delivery, finishedAt: failedAt }: FinishInput): string | undefined {
  if (delivery.status === 'failed') {
    const { receipts, error } = delivery;
    return writeDeadLetter(head, {
      // A reply that says that it failed is no answer: a replay asks anew.
      ...(outcome.status !== 'failed' && { answer: JSON.stringify(outcome) }),
      receipts: JSON.stringify(receipts),
      errorCode: error.code,
      failedAt,
    });
  }
  return outcome.givenUp ? writeDeadLetter(head, { errorCode: outcome.errorCode ?? 'internal', failedAt }) : undefined;
}

function describeTurn({ head, channel, outcome, delivery, timeline, options, finishedAt }: FinishInput): FinishedTurn {
  const { envelope } = head;
  const { message } = envelope;
  const undelivered = delivery.status === 'failed';
  const { keep } = channel?.tenant.transcripts ?? { keep: false };
  return {
    turn: envelope.turn,
    tenant: envelope.tenant,
    channel: envelope.channel,
    platform: envelope.platform,
    conversation: envelope.conversation.id,
    chatKind: message.chat.kind,
    user: options.pseudonym(envelope.tenant, envelope.platform, message.sender.id),
    status: undelivered ? 'failed' : outcome.status,
    errorCode: undelivered ? delivery.error.code : outcome.errorCode,
    model: outcome.model,
    usage: outcome.usage,
    costMicroUsd: outcome.costMicroUsd ?? 0,
    attempts: outcome.attempts,
    ...(keep && wordsOf(head, outcome)),
    // What the asker never saw is not part of the conversation.
    kind: undelivered ? 'failure' : outcome.by,
    receivedAt: envelope.receivedAt,
    finishedAt,
    timeline: timeline.entries,
  };
}

/** What is kept of the words, masked; and where the question stood, so that it can be asked or answered again. */
function wordsOf(head: Head, { by, masked, text }: Outcome): Pick<FinishedTurn, 'question' | 'answer' | 'anchor'> {
  const answer = masked?.answer || text;
  if (head.envelope.operator) return { answer };
  const question = masked?.question ?? questionOf(head);
  return { question, anchor: anchorOf(head.envelope.message), ...(by === 'human' ? {} : { answer }) };
}

/** The log line every finished turn gets. Field names are a promise to log pipelines (docs/operations.md). */
export function reportTurn(
  turn: FinishedTurn,
  { logger }: Pick<TurnRunnerOptions, 'logger'>,
  { prompt, traceId }: { prompt?: string | undefined; traceId?: string | undefined } = {},
): void {
  const responseMs = turn.finishedAt - turn.receivedAt;
  logger.info(
    {
      request_id: turn.turn,
      ...(traceId === undefined ? {} : { trace_id: traceId }),
      tenant: turn.tenant,
      platform: turn.platform,
      channel: turn.channel,
      user_id: turn.user,
      model: turn.model ?? null,
      status: turn.status,
      error_code: turn.errorCode ?? null,
      response_time: responseMs,
      tokens_in: turn.usage?.inputTokens ?? 0,
      tokens_out: turn.usage?.outputTokens ?? 0,
      cost_usd: turn.costMicroUsd / 1_000_000,
      ...(prompt === undefined ? {} : { prompt }),
    },
    'turn finished',
  );
}
