import type { FinishedTurn } from '@parley/core/bus';
import type { Sealer } from '@parley/core/secrets';
import { sealContent, type TurnRecord } from '@parley/core/store';

/** A finished turn as the database keeps it: what was said, if it is kept, encrypted. */
export function toRecord(finished: FinishedTurn, sealer: Sealer): TurnRecord {
  const { turn, tenant, conversation, usage, attempts, finishedAt, receivedAt, anchor } = finished;
  const seal = (text: string | undefined, attached?: object) =>
    text === undefined || (text === '' && !attached) ? text : sealContent(sealer, tenant, conversation, text, attached);
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
    question: seal(finished.question, anchor),
    answer: seal(finished.answer),
    timeline: withAttempts(finished),
  };
}

/** The timeline with every call to a model at the moment at which it was made. */
function withAttempts({ timeline, attempts, receivedAt }: FinishedTurn): unknown[] {
  const called = attempts.map(({ startedAt = receivedAt, ...detail }) => ({
    atMs: Math.max(0, startedAt - receivedAt),
    what: 'model_attempt',
    detail,
  }));
  return [...timeline, ...called].sort((a, b) => a.atMs - b.atMs);
}
