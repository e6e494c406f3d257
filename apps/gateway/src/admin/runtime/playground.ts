import { createHash } from 'node:crypto';
import { toParleyError } from '@parley/core/errors';
import { explainTurn, stepsOf } from '@parley/core/explain';
import type { Question, QuestionResult } from '@parley/core/pipeline';
import { z } from 'zod';
import { refusalOf } from '../../api/answers.ts';
import { toQuestion } from '../../api/question.ts';
import { openEventStream, whenGone } from '../../api/sse.ts';
import { errorBody } from '../../http-errors.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { name, notFound, tenantIn, usd } from './shared.ts';
import type { RuntimeParts } from './types.ts';

/** The name under which its questions are recorded, as if it were a key of the chat API. */
export const PLAYGROUND = 'playground';

const text = z.string().max(100_000);
const body = z.strictObject({
  tenant: name,
  messages: z
    .array(
      z.discriminatedUnion('role', [
        z.strictObject({ role: z.literal('system'), content: text }),
        z.strictObject({ role: z.literal('user'), content: text }),
        z.strictObject({ role: z.literal('assistant'), content: text }),
      ]),
    )
    .min(1)
    .max(200),
  model: name.optional(),
  channel: name.optional().describe('One of the tenant’s bots, for the record: all of them answer alike'),
});

/** A chat with any tenant's configuration: the way of every other question, with limits and budget of the tenant. */
export function playgroundRoutes(deps: RuntimeParts): AdminRoute[] {
  const { config, ask, channels } = deps;

  function questionOf(
    { tenant: id, messages, model, channel }: z.output<typeof body>,
    who: string,
    signal: AbortSignal,
  ) {
    const tenant = config().tenants.find((one) => one.id === id);
    if (!tenant) throw notFound('tenant');
    const bot = channel === undefined ? undefined : channels.get(channel);
    if (channel !== undefined && bot?.tenant.id !== id) throw notFound('channel');
    const caller = { tenant: id, keyId: PLAYGROUND, scopes: [], limits: undefined, subject: who, via: 'key' as const };
    const question = toQuestion({ caller, tenant, messages, model, signal }, deps);
    // All that one person tries here is one conversation in the transcripts. Rules hold, as for people who chat.
    const conversation = conversationOf(id, who);
    return { ...question, recordedUnder: conversation, withRules: true };
  }

  return [
    route({
      method: 'POST',
      path: '/playground',
      action: 'playground:use',
      tenantOf: ({ body: asked }) => tenantIn(asked),
      tag: 'Playground',
      summary: 'Ask as a person would: events `delta`, then `done` or `error`',
      body,
      produces: 'text/event-stream',
      handle: async ({ body: asked, actor, reply, request, note }) => {
        const question = questionOf(asked, actor.id, whenGone(reply));
        note({ turn: question.requestId, channel: asked.channel });
        const begunAt = Date.now();
        const stream = openEventStream(reply, {});
        let isStreamed = false;
        try {
          for await (const event of ask(question)) {
            if (event.type === 'delta') {
              isStreamed = true;
              await stream.send({ text: event.text }, 'delta');
            } else if (event.type === 'done') await end(event.result);
          }
        } catch (thrown) {
          await stream.send(errorBody(toParleyError(thrown).code, 'The answer broke off', request.id), 'error');
        } finally {
          stream.end();
        }

        async function end(result: QuestionResult): Promise<void> {
          // A rule and the cache answer all at once.
          if (result.status === 'success' && !isStreamed && result.text !== '') {
            await stream.send({ text: result.text }, 'delta');
          }
          if (result.status === 'success') return stream.send(doneOf(question, result, begunAt), 'done');
          const { code, message } = refusalOf(question, result);
          const done = doneOf(question, result, begunAt);
          // What led there is worth seeing here more than anywhere.
          await stream.send({ ...errorBody(code, message, request.id), ...done }, 'error');
        }
      },
    }),
  ];
}

function conversationOf(tenant: string, who: string): string {
  const hash = createHash('sha256').update([tenant, PLAYGROUND, who].join('\0')).digest('base64url');
  return `${tenant}.api.${hash.slice(0, 22)}`;
}

function doneOf({ requestId }: Question, result: QuestionResult, begunAt: number) {
  const tookMs = Date.now() - begunAt;
  const { model, usage, costMicroUsd, attempts, decisions, status, by, errorCode } = result;
  const timeline = [
    { atMs: 0, what: 'received' },
    ...[
      ...decisions.map(({ what, detail, at = begunAt }) => ({ atMs: at - begunAt, what, detail })),
      ...attempts.map(({ startedAt = begunAt, ...detail }) => ({
        atMs: startedAt - begunAt,
        what: 'model_attempt',
        detail,
      })),
    ].sort((one, other) => one.atMs - other.atMs),
    { atMs: tookMs, what: 'decided', detail: { by, status, model, error: errorCode } },
  ];
  const facts = { kind: by, status, errorCode: errorCode ?? null, model: model ?? null, responseMs: tookMs, timeline };
  return {
    turn: requestId,
    model: model ?? null,
    usage: usage
      ? { tokens_in: usage.inputTokens, tokens_out: usage.outputTokens, cached_tokens: usage.cachedInputTokens }
      : null,
    cost_usd: usd(costMicroUsd),
    attempts: attempts.length,
    timeline: stepsOf(timeline).map(({ atMs, what, detail }) => ({ at_ms: atMs, what, detail })),
    why: explainTurn(facts),
  };
}
