import { ParleyError, toParleyError } from '@parley/core/errors';
import type { Question, QuestionEvent, QuestionResult } from '@parley/core/pipeline';
import type { RequestExtras } from '@parley/core/provider';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { errorBody } from '../http-errors.ts';
import { callerOf } from './access.ts';
import { answerHeaders, headersOf, refusalOf, resultOf, usageOf } from './answers.ts';
import { toQuestion } from './question.ts';
import { completionsSchema, parse } from './schemas.ts';
import { openEventStream, whenGone } from './sse.ts';
import type { ChatApiDeps } from './types.ts';

type Body = z.output<typeof completionsSchema>;

/** `POST /v1/chat/completions`: OpenAI's API, plain and streaming. */
export function registerCompletions(scope: FastifyInstance, deps: ChatApiDeps): void {
  scope.post('/v1/chat/completions', async (request, reply) => {
    const { caller, tenant } = callerOf(request, 'chat');
    const body = parse(completionsSchema, request.body);
    const signal = whenGone(reply);
    const question = toQuestion(
      {
        caller,
        tenant,
        signal,
        messages: body.messages,
        model: body.model,
        endUser: body.user,
        temperature: body.temperature,
        maxOutputTokens: body.max_completion_tokens ?? body.max_tokens,
        extras: extrasOf(body),
      },
      deps,
    );
    if (body.stream) {
      await stream(question, body, deps, reply, request.id);
      return reply;
    }
    const result = await resultOf(deps.ask(question), question);
    return reply.headers(answerHeaders(headersOf(result))).send(completion(question, result));
  });
}

function extrasOf(body: Body): RequestExtras | undefined {
  const { tool_choice: choice, response_format: format, stop } = body;
  const extras: RequestExtras = {
    topP: body.top_p ?? undefined,
    stop: typeof stop === 'string' ? [stop] : (stop ?? undefined),
    seed: body.seed ?? undefined,
    presencePenalty: body.presence_penalty ?? undefined,
    frequencyPenalty: body.frequency_penalty ?? undefined,
    tools: body.tools?.map(({ function: { strict, ...tool } }) => ({ ...tool, strict: strict ?? undefined })),
    toolChoice: choice == null || typeof choice === 'string' ? (choice ?? undefined) : { name: choice.function.name },
    parallelToolCalls: body.parallel_tool_calls ?? undefined,
    responseFormat:
      format?.type === 'json_schema' ? { type: 'json_schema', jsonSchema: format.json_schema } : (format ?? undefined),
  };
  return Object.values(extras).every((value) => value === undefined) ? undefined : extras;
}

const idOf = ({ requestId }: Question) => `chatcmpl-${requestId}`;

function completion(question: Question, result: QuestionResult) {
  const { text, model, finishReason = 'stop', toolCalls } = result;
  const calls = toolCalls?.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }));
  return {
    id: idOf(question),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls ? null : text,
          refusal: null,
          ...(calls ? { tool_calls: calls } : {}),
        },
        finish_reason: finishReason,
        logprobs: null,
      },
    ],
    usage: usageOf(result),
  };
}

/** The first event decides whether there is a stream at all: a refusal before it is an HTTP error like any other. */
async function stream(
  question: Question,
  body: Body,
  deps: ChatApiDeps,
  reply: Parameters<typeof openEventStream>[0],
  requestId: string,
): Promise<void> {
  const events = deps.ask(question);
  const first = (await events.next()).value as QuestionEvent | undefined;
  if (!first) throw new ParleyError('internal', 'the question ended without a result');
  if (first.type === 'done' && first.result.status !== 'success') throw refusalOf(question, first.result);
  const sse = openEventStream(reply, answerHeaders(first.type === 'begun' ? first : { attempts: 1 }));
  const model = first.type === 'begun' ? first.model : first.type === 'done' ? first.result.model : undefined;
  const chunk = (delta: object, finish: string | null = null) => ({
    id: idOf(question),
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
  });
  try {
    await sse.send(chunk({ role: 'assistant', content: '' }));
    for await (const event of following(first, events)) {
      if (event.type === 'delta') await sse.send(chunk({ content: event.text }));
      else if (event.type === 'tool_call') await sse.send(chunk({ tool_calls: [toolDelta(event)] }));
      else if (event.type === 'done') await finish(event.result);
    }
  } catch (thrown) {
    // The status has gone out already.
    const { code } = toParleyError(thrown);
    await sse.send(errorBody(code, 'The answer broke off', requestId));
  } finally {
    sse.end();
  }

  async function finish(result: QuestionResult): Promise<void> {
    if (result.status !== 'success') {
      const { code, message } = refusalOf(question, result);
      return sse.send(errorBody(code, message, requestId));
    }
    await sse.send(chunk({}, result.finishReason ?? 'stop'));
    if (body.stream_options?.include_usage) {
      await sse.send({ ...chunk({}), choices: [], usage: usageOf(result) });
    }
    await sse.send('[DONE]');
  }
}

export async function* following<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

function toolDelta({ index, id, name, arguments: args }: Extract<QuestionEvent, { type: 'tool_call' }>) {
  return {
    index,
    ...(id ? { id, type: 'function' } : {}),
    function: { ...(name ? { name } : {}), arguments: args },
  };
}
