import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '@parley/adapter-registry';
import type { ReplyTarget } from '@parley/core/adapter';
import type { Head, TurnRecordFields } from '@parley/core/bus';
import type { Span } from '@parley/core/telemetry';
import type { DeliveryContext } from '../delivery/context.ts';
import { traceAdapter, traceSleep } from '../delivery/traced.ts';
import type { TurnRunnerOptions } from './turn.ts';

/** This worker's hold on a turn. */
export interface Ownership {
  owner: string;
  /** Aborts when the turn must be given back or has been lost. */
  signal: AbortSignal;
  /** Writes to the turn's record; throws, and aborts `signal`, when the turn is no longer this worker's. */
  save: (fields: TurnRecordFields) => Promise<void>;
  /** Makes known that a message is the bot's own before the turn has ended. */
  own: (ref: string) => Promise<void>;
  /** Throws, and aborts `signal`, when the turn is no longer this worker's. */
  assertOwned: () => Promise<void>;
  /** Where the answer goes. */
  target: ReplyTarget;
  /** What the turn's steps are told to; absent without traces. */
  span?: Span | undefined;
}

/** What delivery needs to know of a turn. */
export function deliveryContext(
  { envelope, record }: Head,
  { adapter }: Channel,
  { signal, save, own, assertOwned, target, span }: Ownership,
  { governor, metrics, logger, now = Date.now }: TurnRunnerOptions,
): DeliveryContext {
  const { turn, channel, platform, receivedAt, message } = envelope;
  return {
    adapter: span ? traceAdapter(adapter, span) : adapter,
    target,
    place: { channel, chat: message.chat.id, kind: message.chat.kind, limits: adapter.limits },
    turn,
    record,
    resumed: record.answer !== undefined,
    receivedAt,
    now,
    sleep: span ? (ms) => traceSleep(span, ms, signal) : (ms) => sleep(ms, undefined, { signal }),
    governor,
    signal,
    save,
    own,
    assertOwned,
    onPaced: (waitMs) =>
      metrics.governorSeconds.observe({ platform }, waitMs / 1000, span?.isSampled ? span.traceId : undefined),
    onError(error) {
      metrics.platformErrors.inc({ platform, code: error.code });
      logger.warn(
        { request_id: turn, trace_id: span?.traceId, channel, code: error.code, reason: error.message },
        'sending failed',
      );
    },
  };
}
