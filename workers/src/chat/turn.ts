import type { Channel, ChannelSet } from '@parley/adapter-registry';
import type { ReplyTarget } from '@parley/core/adapter';
import type { Head, TurnStore } from '@parley/core/bus';
import type { AnswerDeps } from '@parley/core/chat';
import { ParleyError, toParleyError } from '@parley/core/errors';
import type { RuleSet } from '@parley/core/rules';
import type { Metrics } from '@parley/core/telemetry';
import type { Logger } from 'pino';
import { type DeliveryResult, deliver } from '../delivery/deliver.ts';
import { showTyping } from '../delivery/typing.ts';
import { decide, failure } from './decide.ts';
import { finishTurn, reportTurn } from './finish.ts';
import type { Outcome } from './outcome.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** What the current version of the configuration gives a turn. Read once at its beginning, so a reload is never half seen. */
export interface TurnConfig {
  channels: Pick<ChannelSet, 'get'>;
  rules: RuleSet;
  answerDeps: AnswerDeps;
  /** USD per million tokens of a model; undefined when nobody said. */
  priceOf: (model: string) => { input: number; output: number } | undefined;
}

export interface TurnRunnerOptions {
  turns: TurnStore;
  config: () => TurnConfig;
  metrics: Metrics;
  logger: Logger;
  /** A stable name for a user that is not the user's id; for logs and statistics. */
  pseudonym: (tenant: string, platform: string, user: string) => string;
  /** What was said before, from the database, for a conversation that Redis does not remember. */
  recallHistory: (head: Head, sessionTtlMs: number, keep: number) => Promise<Head['history']>;
  now?: () => number;
}

export type TurnResult =
  | { status: 'head'; head: Head }
  | { status: 'empty' }
  /** Another worker owns the conversation now. */
  | { status: 'lost' }
  /** Aborted on the way: the message still waits, with everything recorded so far. */
  | { status: 'handed_back' };

/** Answers the message at the head of a mailbox, from wherever an earlier attempt left off. */
export interface TurnRunner {
  run(head: Head, owner: string, signal: AbortSignal): Promise<TurnResult>;
}

/** Attempts after which a turn is given up: something about it kills workers. */
const MAX_ATTEMPTS = 10;

export function createTurnRunner(options: TurnRunnerOptions): TurnRunner {
  const { turns, logger, now = Date.now } = options;

  async function run(head: Head, owner: string, signal: AbortSignal): Promise<TurnResult> {
    const { envelope } = head;
    const timeline = createTimeline(envelope.receivedAt, now);
    timeline.add('taken', { attempt: Number(head.record.attempts ?? 1) });
    const config = options.config();
    const channel = config.channels.get(envelope.channel);
    const outcome = await settleOutcome(head, channel, config, timeline, signal);
    if (head.record.answer === undefined) {
      const saved = await turns.save(envelope.conversation, owner, {
        state: 'answered',
        answer: JSON.stringify(outcome),
      });
      if (!saved) return { status: 'lost' };
    }
    const delivery = await deliverOutcome(head, channel, outcome, owner, signal);
    if (delivery.status === 'lost') return { status: 'lost' };
    timeline.add(delivery.status, { parts: delivery.receipts.length });
    const finished = finishTurn({ head, channel, outcome, delivery, timeline, options, config, finishedAt: now() });
    const result = await turns.complete(head, owner, finished.completion);
    if (result.status !== 'lost') reportTurn(finished.turn, options);
    return result;
  }

  /** The recorded outcome when an earlier attempt came that far, else a fresh decision. */
  async function settleOutcome(
    head: Head,
    channel: Channel | undefined,
    config: TurnConfig,
    timeline: Timeline,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (head.record.answer !== undefined) {
      timeline.add('resumed');
      return JSON.parse(head.record.answer) as Outcome;
    }
    if (!channel) return failure(head, new ParleyError('not_found', 'the channel is no longer configured'), []);
    if (Number(head.record.attempts ?? 1) > MAX_ATTEMPTS) {
      return failure(head, new ParleyError('internal', `given up after ${MAX_ATTEMPTS} attempts`), []);
    }
    const deps = {
      ...config,
      showTyping: () => showTyping(channel.adapter, targetOf(head)),
      recallHistory: () => recall(head, channel),
    };
    const outcome = await decide(head, channel, deps, signal);
    timeline.add('decided', { by: outcome.by, status: outcome.status, model: outcome.model, error: outcome.errorCode });
    return outcome;
  }

  async function recall(head: Head, { tenant: { session } }: Channel): Promise<Head['history']> {
    if (head.known || session.turns === 0) return head.history;
    return options.recallHistory(head, session.ttl_seconds * 1000, session.turns * 2);
  }

  async function deliverOutcome(
    head: Head,
    channel: Channel | undefined,
    outcome: Outcome,
    owner: string,
    signal: AbortSignal,
  ): Promise<DeliveryResult> {
    const { envelope, record } = head;
    const receipts = record.receipts ? JSON.parse(record.receipts) : [];
    if (!channel)
      return { status: 'failed', receipts, error: new ParleyError('not_found', 'the channel is no longer configured') };
    return deliver({
      adapter: channel.adapter,
      target: targetOf(head),
      turn: envelope.turn,
      parts: channel.adapter.formatReply(outcome.text),
      receipts,
      signal,
      onProgress: (sent) => turns.save(envelope.conversation, owner, { receipts: JSON.stringify(sent) }),
      onError: (error) => {
        options.metrics.platformErrors.inc({ platform: envelope.platform, code: error.code });
        logger.warn(
          { request_id: envelope.turn, channel: envelope.channel, code: error.code, reason: error.message },
          'sending failed',
        );
      },
    });
  }

  return {
    async run(head, owner, signal) {
      try {
        return await run(head, owner, signal);
      } catch (error) {
        if (signal.aborted) return { status: 'handed_back' };
        throw toParleyError(error);
      }
    },
  };
}

function targetOf(head: Head): ReplyTarget {
  const { chat, thread, id, sender, state } = head.envelope.message;
  return { chat, thread, messageId: id, senderId: sender.id, state };
}
