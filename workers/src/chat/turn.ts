import type { ChannelSet } from '@parley/adapter-registry';
import type { CompleteResult, Governor, Head, TurnRecordFields, TurnStore } from '@parley/core/bus';
import { ParleyError, toParleyError } from '@parley/core/errors';
import type { Question, QuestionEvent } from '@parley/core/pipeline';
import type { ChatMessage } from '@parley/core/provider';
import { crashPoint, type Metrics, type Tracing } from '@parley/core/telemetry';
import type { Logger } from 'pino';
import type { DeliveryContext } from '../delivery/context.ts';
import { type DeliveryResult, deliver, tellUndelivered } from '../delivery/deliver.ts';
import { Parked } from '../delivery/parked.ts';
import { createPreview, type Preview } from '../delivery/preview.ts';
import { reserveAhead } from '../delivery/send-part.ts';
import type { MaskText } from './by-human.ts';
import type { LimitsOf } from './commands.ts';
import { deliveryContext, type Ownership } from './context.ts';
import { failure } from './decide.ts';
import { finishTurn, reportTurn } from './finish.ts';
import { measureTurn } from './measure.ts';
import type { Outcome } from './outcome.ts';
import { holdTurn } from './ownership.ts';
import { MAX_ATTEMPTS, settleOutcome } from './settle-outcome.ts';
import { createTimeline } from './timeline.ts';
import { beginTurnSpan, endTurnSpan, noteTurn } from './trace.ts';
import { waitForChannel } from './unknown-channel.ts';

/** What the current version of the configuration gives a turn. Read once at its beginning, so a reload is never half seen. */
export interface TurnConfig {
  channels: Pick<ChannelSet, 'get'>;
  ask: (question: Question) => AsyncGenerator<QuestionEvent>;
  limitsOf: LimitsOf;
  mask: MaskText;
}

export interface TurnRunnerOptions {
  turns: TurnStore;
  governor: Governor;
  config: () => TurnConfig;
  metrics: Metrics;
  logger: Logger;
  /** A stable name for a user that is not the user's id; for logs and statistics. */
  pseudonym: (tenant: string, platform: string, user: string) => string;
  /** What was said before, from the database, for a conversation that Redis does not remember. */
  recallHistory: (head: Head, sessionTtlMs: number, keep: number) => Promise<ChatMessage[]>;
  /** Absent: no traces. */
  tracing?: Tracing | undefined;
  now?: () => number;
}

export type TurnResult =
  /** `lost`: another worker owns the conversation now. */
  | CompleteResult
  /** Aborted on the way: the message still waits, with everything recorded so far. */
  | { status: 'handed_back' }
  /** The platform wants to wait: the message still waits, to be taken up again then. */
  | { status: 'parked'; waitMs: number; isPaced: boolean };

/** Answers the message at the head of a mailbox, from wherever an earlier attempt left off. */
export interface TurnRunner {
  /**
   * @param signal aborts when the turn must be given back or has been lost
   * @param stop aborts when a person stopped the answer: it ends with what there is
   */
  run(head: Head, owner: string, signal: AbortSignal, stop?: AbortSignal): Promise<TurnResult>;
}

/** How long an answer is tried to be sent: the outage of a platform that is sat out. */
const SENDING_MAX_MS = 15 * 60_000;
const NEVER = new AbortController().signal;

export function createTurnRunner(options: TurnRunnerOptions): TurnRunner {
  const { turns, tracing, now = Date.now } = options;

  async function run(head: Head, ownership: Ownership, stop: AbortSignal): Promise<TurnResult> {
    const timeline = createTimeline(head.envelope, now, ownership.span?.traceId);
    timeline.add('taken', { attempt: Number(head.record.attempts ?? 1) });
    if (head.envelope.replay) timeline.add('replay', { of: head.envelope.replay.of });
    for (const { turn } of head.also) timeline.add('merged', { turn });
    const config = options.config();
    const channel = config.channels.get(head.envelope.channel);
    if (!channel) await waitForChannel(head, ownership, now());
    let visibleAt: number | undefined;
    const onVisible = () => {
      visibleAt ??= now();
    };
    const context = channel && { ...deliveryContext(head, channel, ownership, options), onVisible };
    const preview = context && channel.config.streaming ? createPreview(context) : undefined;
    let stream: Awaited<ReturnType<Preview['stop']>>;
    try {
      const outcome = await settleOutcome({ head, channel, config, preview, timeline, ownership, stop, options });
      stream = await preview?.stop();
      if (context && !stream && outcome.text !== '' && isPlain(context)) reserveAhead(context);
      await recordOutcome(head, outcome, ownership);
      const delivery = await deliverOutcome(context, outcome, stream, head);
      timeline.add(delivery.status, { parts: delivery.receipts.length });
      const finished = finishTurn({ head, channel, outcome, delivery, timeline, options, finishedAt: now() });
      const result = await turns.complete(head, ownership.owner, finished.completion);
      crashPoint('worker:completed');
      if (result.status !== 'lost') {
        const { span } = ownership;
        if (span) noteTurn(span, finished.turn);
        const prompt = channel?.tenant.log_prompts ? outcome.masked?.question : undefined;
        reportTurn(finished.turn, options, { prompt, traceId: span?.traceId });
        measureTurn(finished.turn, options.metrics, {
          traceId: span?.isSampled ? span.traceId : undefined,
          visibleAt,
          follows: head.follows,
          notBefore: head.envelope.notBefore,
        });
      }
      return result;
    } catch (error) {
      (stream ?? (await preview?.stop()))?.abandon();
      throw error;
    }
  }

  /** Makes the outcome durable before the first attempt to send it. */
  async function recordOutcome(head: Head, outcome: Outcome, { save }: Ownership): Promise<void> {
    if (head.record.answer !== undefined) return;
    crashPoint('worker:answered');
    const fields: TurnRecordFields = {
      state: 'answered',
      answer: JSON.stringify(outcome),
      answeredAt: String(now()),
      sending: '0',
    };
    await save(fields);
    head.record.sending = '0';
    crashPoint('worker:recorded');
  }

  async function deliverOutcome(
    context: DeliveryContext | undefined,
    outcome: Outcome,
    stream: Awaited<ReturnType<Preview['stop']>>,
    head: Head,
  ): Promise<DeliveryResult> {
    const { receipts = '[]', answeredAt = now(), attempts = 1 } = head.record;
    const undelivered = (error: ParleyError): DeliveryResult => ({
      status: 'failed',
      receipts: JSON.parse(receipts),
      error,
    });
    if (!context) return undelivered(new ParleyError('not_found', 'the channel is no longer configured'));
    // Not by the clock alone: the hub itself may have been away for that long, and nothing tried yet.
    if (now() - Number(answeredAt) > SENDING_MAX_MS && Number(attempts) > MAX_ATTEMPTS) {
      return undelivered(new ParleyError('platform_unavailable', 'the platform did not take the answer in time'));
    }
    // A rule may say that there is nothing to say, and a person who took over says it later.
    if (outcome.text === '') return { status: 'delivered', receipts: [] };
    const delivery = await deliver(context, context.adapter.formatReply(outcome.text), stream);
    if (delivery.status === 'failed') {
      const { error } = delivery;
      await tellUndelivered(context, { error, notice: failure(head, error).text });
    }
    return delivery;
  }

  return {
    async run(head, owner, signal, stop = NEVER) {
      const span = tracing && beginTurnSpan(tracing, head, now());
      const ownership = holdTurn({ head, owner, signal, span }, turns);
      let result: TurnResult | undefined;
      try {
        result = await run(head, ownership, stop);
      } catch (error) {
        if (ownership.isLost()) result = { status: 'lost' };
        else if (signal.aborted) result = { status: 'handed_back' };
        else if (error instanceof Parked) result = { status: 'parked', waitMs: error.waitMs, isPaced: error.isPaced };
        else throw toParleyError(error);
      } finally {
        ownership.end();
        if (span) endTurnSpan(span, result);
      }
      return result;
    },
  };
}

/** The first part is one message and nothing before it. */
function isPlain({ adapter, resumed }: DeliveryContext): boolean {
  return adapter.certainty !== 'placeholder' && !resumed;
}
