import type { QuestionResult } from '@parley/core/pipeline';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from './access.ts';
import { answerHeaders, headersOf, resultOf, usageOf } from './answers.ts';
import { conversationOf, toQuestion } from './question.ts';
import { chatSchema, parse } from './schemas.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { type EventStream, whenGone } from './sse.ts';
import { type StreamWriter, streamAnswer } from './stream.ts';
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
      request,
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
    await streamAnswer(question, deps.ask(question), { reply, requestId: request.id }, writerOf(remember));
    return reply;
  }
  const result = await resultOf(deps.ask(question), question);
  await remember(result);
  return reply.headers(answerHeaders(headersOf(result))).send(bodyOf(result));
}

const bodyOf = (result: QuestionResult) => ({ reply: result.text, model: result.model, usage: usageOf(result) });

/** `{delta}` events, then one `{done: true, reply, model, usage}` or one `{error}`. */
const writerOf =
  (remember: (result: QuestionResult) => Promise<void>) =>
  (sse: EventStream): StreamWriter => ({
    async piece(event) {
      if (event.type === 'delta') await sse.send({ delta: event.text });
    },
    async end(result) {
      await remember(result);
      await sse.send({ done: true, ...bodyOf(result) });
    },
  });
