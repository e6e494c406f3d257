import {
  type FinishedTurn,
  keys,
  type RedisClient,
  shardOf,
  type TimelineEntry,
  TURNS_CHANNEL,
  turnNotice,
} from '@parley/core/bus';
import type { Question, QuestionEvent, QuestionResult } from '@parley/core/pipeline';
import { measureTurn, reportTurn } from '@parley/workers';
import type { HubCore } from './core.ts';

/**
 * Lets every question of the chat API leave the same traces as one from a chat: a row on its way to the database, a log
 * line and metrics, also when the caller left in the middle.
 */
export function recorded(
  ask: (question: Question) => AsyncGenerator<QuestionEvent>,
  redis: RedisClient,
  { logger, metrics }: Pick<HubCore, 'logger' | 'metrics'>,
): typeof ask {
  return async function* (question) {
    const receivedAt = Date.now();
    let result: QuestionResult | undefined;
    let visibleAt: number | undefined;
    try {
      for await (const event of ask(question)) {
        if (event.type === 'delta') visibleAt ??= Date.now();
        if (event.type === 'done') result = event.result;
        yield event;
      }
    } finally {
      const finishedAt = Date.now();
      // The caller's answer goes out first, and all that is for Redis still in one write.
      process.nextTick(() =>
        tell(question, turnOf(question, result, { receivedAt, finishedAt }), { result, visibleAt }),
      );
    }
  };

  function tell(
    { clientRequestId, tenant, span }: Question,
    turn: FinishedTurn,
    { result, visibleAt }: { result: QuestionResult | undefined; visibleAt: number | undefined },
  ): void {
    measureTurn(turn, metrics, { visibleAt, traceId: span?.isSampled ? span.traceId : undefined });
    const named = clientRequestId === undefined ? logger : logger.child({ client_request_id: clientRequestId });
    const prompt = tenant.log_prompts ? result?.masked.question : undefined;
    reportTurn(turn, { logger: named }, { prompt, traceId: span?.traceId });
    span?.set({
      'parley.request_id': turn.turn,
      'parley.tenant': turn.tenant,
      'parley.status': turn.status,
      'parley.answered_by': turn.kind,
      'parley.model': turn.model,
    });
    record(turn);
  }

  /** The caller does not wait for it. A turn that cannot be written is lost to the console; the ledger has it. */
  function record(turn: FinishedTurn): void {
    redis.xadd(keys.archive(shardOf('api', turn.conversation)), '*', 'turn', JSON.stringify(turn)).catch((error) => {
      logger.error({ request_id: turn.turn, err: error }, 'an API turn was not recorded');
    });
    redis.publish(TURNS_CHANNEL, turnNotice(turn)).catch(() => undefined);
  }
}

/** Names under which others know the request. */
function received(clientRequestId: string | undefined, traceId: string | undefined): TimelineEntry {
  if (clientRequestId === undefined && traceId === undefined) return { atMs: 0, what: 'received' };
  const detail = {
    ...(clientRequestId !== undefined && { client_request_id: clientRequestId }),
    ...(traceId !== undefined && { trace_id: traceId }),
  };
  return { atMs: 0, what: 'received', detail };
}

const LEFT = { status: 'failed', by: 'failure', errorCode: 'model_aborted' } as const;

function turnOf(
  question: Question,
  result: QuestionResult | undefined,
  { receivedAt, finishedAt }: Pick<FinishedTurn, 'receivedAt' | 'finishedAt'>,
): FinishedTurn {
  const {
    tenant,
    requestId,
    clientRequestId,
    apiKey,
    conversation: own,
    recordedUnder: conversation = own,
    user,
    span,
  } = question;
  const { status, by, errorCode } = result ?? LEFT;
  const keep = tenant.transcripts.keep && result !== undefined;
  return {
    turn: requestId,
    tenant: tenant.id,
    channel: apiKey?.id ?? '',
    platform: 'api',
    conversation,
    chatKind: 'direct',
    user,
    status,
    errorCode,
    model: result?.model,
    usage: result?.usage,
    costMicroUsd: result?.costMicroUsd ?? 0,
    attempts: result?.attempts ?? [],
    ...(keep && { question: result.masked.question, answer: result.masked.answer }),
    kind: by,
    receivedAt,
    finishedAt,
    timeline: [
      received(clientRequestId, span?.traceId),
      ...(result?.decisions ?? []).map(({ what, detail, at = receivedAt }) => ({
        atMs: at - receivedAt,
        what,
        detail,
      })),
      {
        atMs: finishedAt - receivedAt,
        what: 'decided',
        detail: { by, status, model: result?.model, error: errorCode },
      },
    ],
  };
}
