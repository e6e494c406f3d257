import type { FinishedTurn } from '@parley/core/bus';
import type { TurnRecord } from '@parley/core/store';

/** A finished turn as the database keeps it. */
export function toRecord(finished: FinishedTurn): TurnRecord {
  const { turn, usage, attempts, finishedAt, receivedAt } = finished;
  return {
    id: turn,
    tenant: finished.tenant,
    channel: finished.channel,
    platform: finished.platform,
    conversation: finished.conversation,
    chatKind: finished.chatKind,
    user: finished.user,
    kind: finished.kind,
    model: finished.model,
    status: finished.status,
    errorCode: finished.errorCode,
    tokensIn: usage?.inputTokens ?? 0,
    tokensOut: usage?.outputTokens ?? 0,
    costMicroUsd: finished.costMicroUsd,
    responseMs: finishedAt - receivedAt,
    attempts: attempts.length,
    createdAt: receivedAt,
    finishedAt,
    question: finished.question,
    answer: finished.answer,
    timeline: [...finished.timeline, ...attempts.map((attempt) => ({ what: 'model_attempt', detail: attempt }))],
  };
}
