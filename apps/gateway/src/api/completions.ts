import type { Question, QuestionEvent, QuestionResult } from '@parley/core/pipeline';
import type { RequestExtras } from '@parley/core/provider';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { callerOf } from './access.ts';
import { answerHeaders, headersOf, resultOf, usageOf } from './answers.ts';
import { toQuestion } from './question.ts';
import { completionsSchema, parse } from './schemas.ts';
import { type EventStream, whenGone } from './sse.ts';
import { type StreamWriter, streamAnswer } from './stream.ts';
import { spanOf } from './trace.ts';
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
        request,
        caller,
        tenant,
        span: spanOf(request),
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
      await streamAnswer(question, deps.ask(question), { reply, requestId: request.id }, writerOf(question, body));
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
    created: nowSeconds(),
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

/** OpenAI's chunks: the role, the pieces, why it ended, the usage if it was asked for, `[DONE]`. */
const writerOf =
  (question: Question, body: Body) =>
  (sse: EventStream, model: string | undefined): StreamWriter => {
    // What all chunks begin with is written once.
    const names = { id: idOf(question), object: 'chat.completion.chunk', created: nowSeconds(), model };
    const head = `${JSON.stringify(names).slice(0, -1)},"choices":[`;
    const chunk = (delta: object, finish: string | null = null) =>
      `${head}${JSON.stringify({ index: 0, delta, finish_reason: finish, logprobs: null })}]}`;
    return {
      begin: () => sse.send(chunk({ role: 'assistant', content: '' })),
      piece: (event) =>
        sse.send(chunk(event.type === 'delta' ? { content: event.text } : { tool_calls: [toolDelta(event)] })),
      async end(result) {
        await sse.send(chunk({}, result.finishReason ?? 'stop'));
        if (body.stream_options?.include_usage) await sse.send(`${head}],"usage":${JSON.stringify(usageOf(result))}}`);
        await sse.send('[DONE]');
      },
    };
  };

const nowSeconds = () => Math.floor(Date.now() / 1000);

function toolDelta({ index, id, name, arguments: args }: Extract<QuestionEvent, { type: 'tool_call' }>) {
  return {
    index,
    ...(id ? { id, type: 'function' } : {}),
    function: { ...(name ? { name } : {}), arguments: args },
  };
}
