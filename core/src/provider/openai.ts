import type OpenAI from 'openai';
import { complete, type EndReason, type Part } from './complete.ts';
import { bodyOf } from './openai-body.ts';
import { streamCompletion } from './openai-call.ts';
import type { OpenAiClients } from './openai-clients.ts';
import { fromOpenAiError } from './openai-errors.ts';
import { type Place, placeOf } from './place.ts';
import type { Transport } from './transport.ts';
import type { ModelCall, ModelEvent, ModelRequest, Provider } from './types.ts';
import { dialectOf } from './vendors.ts';
import { watch } from './watchdog.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;
type Chunk = OpenAI.ChatCompletionChunk;

/** Everything that speaks OpenAI's chat completions: OpenAI, Azure, DeepSeek, GLM, Ollama and compatible servers. */
export function createOpenAiProvider(clients: OpenAiClients, transport: Transport): Provider {
  function ask(
    place: Place,
    body: Body,
    options: { signal: AbortSignal; gatherMs: number | undefined },
  ): PromiseLike<AsyncIterable<Chunk[]>> {
    // Azure has addresses and headers of its own, which its client knows.
    if (place.provider !== 'azure-openai') {
      const dispatcher = place.isChecked ? transport.checkedDispatcher : transport.dispatcher;
      return streamCompletion(dispatcher, place, body, options);
    }
    return clients.openai(place).chat.completions.create(body, { signal: options.signal }).then(oneByOne);
  }

  function stream(request: ModelRequest, call: ModelCall): AsyncGenerator<ModelEvent> {
    const open = async (signal: AbortSignal) => {
      const place = placeOf(call);
      return ask(place, bodyOf(request, call, dialectOf(place)), { signal, gatherMs: request.gatherMs });
    };
    const chunks = watch(open, {
      timeoutMs: call.model.timeout_seconds * 1000,
      signal: call.signal,
      isProgress: (some: Chunk[]) => some.some(isProgress),
    });
    return complete(chunks, request, {
      partOf,
      errorOf: (thrown) => fromOpenAiError(call.model.provider, thrown),
    });
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

async function* oneByOne(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk[]> {
  for await (const chunk of chunks) yield [chunk];
}

/** What came at once is one part: everything above is done once for it, and not once for every token. */
function partOf(chunks: readonly Chunk[]): Part {
  const part: Part = {};
  for (const chunk of chunks) addTo(part, chunk);
  return part;
}

function addTo(part: Part, chunk: Chunk): void {
  // Azure opens with a chunk of filter results, and usage comes in a chunk of its own: both without choices.
  const choice = chunk.choices?.[0];
  const { content, refusal, tool_calls: calls } = choice?.delta ?? {};
  const marker = choice?.finish_reason;
  if (content) part.text = (part.text ?? '') + content;
  for (const { index, id, function: called } of calls ?? []) {
    part.toolCalls ??= [];
    part.toolCalls.push({ index, id, name: called?.name, arguments: called?.arguments ?? '' });
  }
  if (refusal) part.end = 'filtered';
  else if (marker) part.end = END_REASONS[marker] ?? 'stop';
  part.usage = usageOf(chunk) ?? part.usage;
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
