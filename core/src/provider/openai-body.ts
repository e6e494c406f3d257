import type OpenAI from 'openai';
import type { ChatMessage, ModelCall, ModelRequest, RequestExtras } from './types.ts';
import type { Dialect } from './vendors.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;
type Message = OpenAI.ChatCompletionMessageParam;

/** A request in OpenAI's words. What the caller did not ask for is not sent: servers refuse what they do not know. */
export function bodyOf(request: ModelRequest, { model }: ModelCall, dialect: Dialect): Body {
  const limit = Math.min(request.maxOutputTokens ?? model.max_output_tokens, model.max_output_tokens);
  const system: Message[] = request.system ? [{ role: 'system', content: request.system }] : [];
  return {
    model: model.model ?? model.id,
    messages: [...system, ...request.messages.map(messageOf)],
    stream: true,
    ...(dialect.reportsUsage ? { stream_options: { include_usage: true } } : {}),
    [dialect.limitField]: limit,
    ...given({ temperature: request.temperature }),
    ...extrasOf(request.extras ?? {}),
  };
}

function messageOf({ role, content, images, toolCalls, toolCallId }: ChatMessage): Message {
  if (role === 'tool') return { role, content, tool_call_id: toolCallId ?? '' };
  if (role === 'assistant') {
    if (!toolCalls?.length) return { role, content };
    const calls = toolCalls.map(({ id, name, arguments: args }) => ({
      id,
      type: 'function' as const,
      function: { name, arguments: args },
    }));
    return { role, content: content || null, tool_calls: calls };
  }
  if (!images?.length) return { role, content };
  const pictures = images.map(({ url, detail }) => ({
    type: 'image_url' as const,
    image_url: { url, ...(detail ? { detail } : {}) },
  }));
  return { role, content: [{ type: 'text', text: content }, ...pictures] };
}

function extrasOf(extras: RequestExtras): Partial<Body> {
  const { tools, toolChoice, responseFormat } = extras;
  return {
    ...given({
      top_p: extras.topP,
      stop: extras.stop,
      seed: extras.seed,
      presence_penalty: extras.presencePenalty,
      frequency_penalty: extras.frequencyPenalty,
      parallel_tool_calls: extras.parallelToolCalls,
    }),
    ...(tools?.length
      ? {
          tools: tools.map((tool) => ({
            type: 'function' as const,
            function: given(tool) as OpenAI.FunctionDefinition,
          })),
        }
      : {}),
    ...(toolChoice === undefined
      ? {}
      : { tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: toolChoice } }),
    ...(responseFormat === undefined ? {} : { response_format: formatOf(responseFormat) }),
  };
}

function formatOf(format: NonNullable<RequestExtras['responseFormat']>): NonNullable<Body['response_format']> {
  if (format.type !== 'json_schema') return { type: format.type };
  return {
    type: 'json_schema',
    json_schema: format.jsonSchema as unknown as OpenAI.ResponseFormatJSONSchema['json_schema'],
  };
}

/** Without what nobody gave. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
