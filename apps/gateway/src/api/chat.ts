import { ParleyError, toParleyError } from '@parley/core/errors';
import type { Question, QuestionEvent, QuestionResult } from '@parley/core/pipeline';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorBody } from '../http-errors.ts';
import { callerOf } from './access.ts';
import { answerHeaders, headersOf, refusalOf, resultOf, usageOf } from './answers.ts';
import { following } from './completions.ts';
import { conversationOf, toQuestion } from './question.ts';
import { chatSchema, parse } from './schemas.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { openEventStream, whenGone } from './sse.ts';
import type { ChatApiDeps } from './types.ts';

/** `POST /chat` and `POST /v1/chat`: the hub's own small API. With a `session_id` the hub remembers what was said. */
export function registerChat(scope: FastifyInstance, deps: ChatApiDeps): void {
  const sessions = createSessions(deps.redis);
  for (const path of ['/chat', '/v1/chat'])
    scope.post(path, (request, reply) => answer(request, reply, deps, sessions));
}

async function answer(request: FastifyRequest, reply: FastifyReply, deps: ChatApiDeps, sessions: Sessions) {
  const { caller, tenant } = callerOf(request, 'chat');
  const body = parse(chatSchema, request.body);
  const { session_id: sessionId } = body;
  const conversation = sessionId === undefined ? undefined : conversationOf(caller, sessionId);
  const question = toQuestion(
    {
      caller,
      tenant,
      sessionId,
      messages: body.messages,
      model: body.model,
      temperature: body.temperature,
      maxOutputTokens: body.max_tokens,
      history: conversation ? await sessions.load(conversation, tenant.session) : [],
      signal: whenGone(reply),
    },
    deps,
  );
  const remember = async ({ masked }: QuestionResult) => {
    if (conversation) await sessions.append(conversation, tenant.session, masked);
  };
  if (body.stream) {
    await stream(question, deps, reply, request.id, remember);
    return reply;
  }
  const result = await resultOf(deps.ask(question), question);
  await remember(result);
  return reply.headers(answerHeaders(headersOf(result))).send(bodyOf(result));
}

const bodyOf = (result: QuestionResult) => ({ reply: result.text, model: result.model, usage: usageOf(result) });

/** `{delta}` events, then one `{done: true, reply, model, usage}` or one `{error}`. */
async function stream(
  question: Question,
  deps: ChatApiDeps,
  reply: FastifyReply,
  requestId: string,
  remember: (result: QuestionResult) => Promise<void>,
): Promise<void> {
  const events = deps.ask(question);
  const first = (await events.next()).value as QuestionEvent | undefined;
  if (!first) throw new ParleyError('internal', 'the question ended without a result');
  if (first.type === 'done' && first.result.status !== 'success') throw refusalOf(question, first.result);
  const sse = openEventStream(reply, answerHeaders(first.type === 'begun' ? first : { attempts: 1 }));
  try {
    for await (const event of following(first, events)) {
      if (event.type === 'delta') await sse.send({ delta: event.text });
      if (event.type !== 'done') continue;
      const { result } = event;
      if (result.status === 'success') {
        await remember(result);
        await sse.send({ done: true, ...bodyOf(result) });
      } else {
        const { code, message } = refusalOf(question, result);
        await sse.send(errorBody(code, message, requestId));
      }
    }
  } catch (thrown) {
    const { code } = toParleyError(thrown);
    await sse.send(errorBody(code, 'The answer broke off', requestId));
  } finally {
    sse.end();
  }
}
