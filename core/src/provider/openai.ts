import type OpenAI from 'openai';
import { complete, type EndReason, type Part } from './complete.ts';
import { bodyOf } from './openai-body.ts';
import type { OpenAiClients } from './openai-clients.ts';
import { fromOpenAiError } from './openai-errors.ts';
import { placeOf } from './place.ts';
import type { ModelCall, ModelEvent, ModelRequest, Provider } from './types.ts';
import { dialectOf } from './vendors.ts';
import { watch } from './watchdog.ts';

type Chunk = OpenAI.ChatCompletionChunk;

/** Everything that speaks OpenAI's chat completions: OpenAI, Azure, DeepSeek, GLM, Ollama and compatible servers. */
export function createOpenAiProvider(clients: OpenAiClients): Provider {
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

/**
 * End markers besides OpenAI's own. DeepSeek: `insufficient_system_resource`; GLM: `sensitive`, `network_error`. A
 * marker that is not listed ends a good answer (`stop`, `eos`).
 */
const END_REASONS: Record<string, EndReason> = {
  tool_calls: 'tool_calls',
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
      toolCalls: choice?.delta?.tool_calls?.map(({ index, id, function: called }) => ({
        index,
        id,
        name: called?.name,
        arguments: called?.arguments ?? '',
      })),
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
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? deepSeekHits(usage),
  };
}

/** DeepSeek tells what was read from its cache in a field of its own. */
function deepSeekHits(usage: object): number {
  const hits: unknown = Reflect.get(usage, 'prompt_cache_hit_tokens');
  return typeof hits === 'number' ? hits : 0;
}

/** Any text counts, also a reasoning model's thoughts (`reasoning_content`), which are no part of the answer. */
function isProgress(chunk: Chunk): boolean {
  const choice = chunk.choices?.[0];
  if (choice === undefined) return Boolean(chunk.usage);
  const { role: _, ...fields } = choice.delta ?? {};
  return (
    Boolean(choice.finish_reason) ||
    Boolean(choice.delta?.tool_calls?.length) ||
    Object.values(fields).some((value) => typeof value === 'string' && value !== '')
  );
}
