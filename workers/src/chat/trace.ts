import type { FinishedTurn, Head } from '@parley/core/bus';
import type { Span, Tracing } from '@parley/core/telemetry';
import type { TurnResult } from './turn.ts';

/**
 * A worker's attempt at a turn, as a part of the trace that the gateway began and the envelope carries. A second worker
 * goes on in the same trace; what the first had not sent before it died is missing there.
 */
export function beginTurnSpan(tracing: Tracing, { envelope, also, record }: Head, now: number): Span {
  const { trace: parent, turn, tenant, platform, channel, conversation, receivedAt, replay } = envelope;
  const attempt = Number(record.attempts ?? 1);
  // A replay begins long after its question: only the first attempt has waited in the mailbox, and nowhere else.
  if (parent && attempt === 1 && !replay) {
    tracing
      .begin('mailbox', { parent, startedAt: receivedAt, attributes: { 'parley.waited_ms': now - receivedAt } })
      .end();
  }
  return tracing.begin('turn', {
    kind: 'consumer',
    parent,
    startedAt: now,
    // Questions that are answered together have traces of their own, which end here.
    links: also.flatMap(({ trace }) => trace ?? []),
    attributes: {
      'parley.request_id': turn,
      'parley.tenant': tenant,
      'parley.platform': platform,
      'parley.channel': channel,
      'parley.attempt': attempt,
      'parley.resumed': record.answer !== undefined,
      'parley.replay_of': replay?.of,
      'messaging.system': 'redis',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'mailbox',
      'messaging.message.id': turn,
      'messaging.message.conversation_id': conversation.id,
    },
  });
}

/** What the turn came to, once it is decided and sent. */
export function noteTurn(span: Span, { status, kind, model, errorCode, costMicroUsd }: FinishedTurn): void {
  span.set({
    'parley.status': status,
    'parley.answered_by': kind,
    'parley.model': model,
    'parley.cost_usd': costMicroUsd / 1_000_000,
  });
  if (status === 'failed') span.fail(errorCode ?? 'internal');
}

/** @param result undefined: it threw */
export function endTurnSpan(span: Span, result: TurnResult | undefined): void {
  const status = result?.status ?? 'error';
  if (result === undefined) span.fail('internal');
  // `head` and `empty` say what comes next: this one is done.
  span.set({ 'parley.ended': status === 'head' || status === 'empty' ? 'completed' : status });
  span.end();
}
