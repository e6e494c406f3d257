import type OpenAI from 'openai';
import type { Clients } from './clients.ts';
import { complete, type EndReason, type Part } from './complete.ts';
import { fromOpenAiError } from './openai-errors.ts';
import { placeOf } from './place.ts';
import type { ChatMessage, ModelCall, ModelEvent, ModelRequest, Provider } from './types.ts';
import { type Dialect, dialectOf } from './vendors.ts';
import { watch } from './watchdog.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;
type Chunk = OpenAI.ChatCompletionChunk;

/** Everything that speaks OpenAI's chat completions: OpenAI, Azure, DeepSeek, GLM, Ollama and compatible servers. */
export function createOpenAiProvider(clients: Clients): Provider {
  async function* stream(request: ModelRequest, call: ModelCall): AsyncGenerator<ModelEvent> {
    try {
      const place = placeOf(call);
      const client = clients.openai(place);
      const body = bodyOf(request, call, dialectOf(place));
      const chunks = watch((signal) => client.chat.completions.create(body, { signal }), {
        timeoutMs: call.model.timeout_seconds * 1000,
        signal: call.signal,
        isProgress,
      });
      yield* complete(partsOf(chunks), request);
    } catch (error) {
      throw fromOpenAiError(call.model.provider, error);
    }
  }
  return { stream };
}

function bodyOf(request: ModelRequest, { model }: ModelCall, dialect: Dialect): Body {
  const limit = Math.min(request.maxOutputTokens ?? model.max_output_tokens, model.max_output_tokens);
  const system = request.system ? [{ role: 'system' as const, content: request.system }] : [];
  return {
    model: model.model ?? model.id,
    messages: [...system, ...request.messages.map(({ role, content }: ChatMessage) => ({ role, content }))],
    stream: true,
    ...(dialect.reportsUsage ? { stream_options: { include_usage: true } } : {}),
    [dialect.limitField]: limit,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  };
}

/**
 * End markers besides OpenAI's own. DeepSeek: `insufficient_system_resource`; GLM: `sensitive`, `network_error`. A
 * marker that is not listed ends a good answer (`stop`, `eos`, `tool_calls` of a server that was offered no tools).
 */
const END_REASONS: Record<string, EndReason> = {
  length: 'length',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filter: 'filtered',
  sensitive: 'filtered',
  insufficient_system_resource: 'unavailable',
  network_error: 'unavailable',
};

async function* partsOf(chunks: AsyncIterable<Chunk>): AsyncGenerator<Part> {
  for await (const chunk of chunks) {
    // Azure opens with a chunk of filter results, and usage comes in a chunk of its own: both without choices.
    const choice = chunk.choices?.[0];
    const marker = choice?.finish_reason;
    const refusal = choice?.delta?.refusal;
    yield {
      text: choice?.delta?.content ?? undefined,
      end: refusal ? 'filtered' : marker ? (END_REASONS[marker] ?? 'stop') : undefined,
      usage: usageOf(chunk),
    };
  }
}

function usageOf({ usage }: Chunk): Part['usage'] {
  if (!usage || typeof usage.prompt_tokens !== 'number') return undefined;
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens ?? 0,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
  };
}

/** Any text counts, also a reasoning model's thoughts (`reasoning_content`), which are no part of the answer. */
function isProgress(chunk: Chunk): boolean {
  const choice = chunk.choices?.[0];
  if (choice === undefined) return Boolean(chunk.usage);
  const { role: _, ...fields } = choice.delta ?? {};
  return (
    Boolean(choice.finish_reason) || Object.values(fields).some((value) => typeof value === 'string' && value !== '')
  );
}
