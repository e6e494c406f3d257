import type Anthropic from '@anthropic-ai/sdk';
import { bodyOf } from './anthropic-body.ts';
import type { AnthropicClients } from './anthropic-clients.ts';
import { fromAnthropicError } from './anthropic-errors.ts';
import { complete, type EndReason, type Part } from './complete.ts';
import { placeOf } from './place.ts';
import type { ModelCall, ModelEvent, ModelRequest, Provider, Usage } from './types.ts';
import { watch } from './watchdog.ts';

type Event = Anthropic.RawMessageStreamEvent;

/** Anthropic's messages API. */
export function createAnthropicProvider(clients: AnthropicClients): Provider {
  function stream(request: ModelRequest, call: ModelCall): AsyncGenerator<ModelEvent> {
    const open = async (signal: AbortSignal) =>
      clients.anthropic(placeOf(call)).messages.create(bodyOf(request, call), { signal });
    const events = watch(open, {
      timeoutMs: call.model.timeout_seconds * 1000,
      signal: call.signal,
      isProgress,
    });
    return complete(events, request, {
      partOf: createPartReader(),
      errorOf: (thrown) => fromAnthropicError(call.model.provider, thrown),
    });
  }
  return { stream };
}

const END_REASONS: Record<string, EndReason> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'filtered',
  tool_use: 'tool_calls',
};

/** Reads the events of one answer; what one says may depend on those before it. */
function createPartReader(): (event: Event) => Part | undefined {
  let input: InputUsage | undefined;
  let end: EndReason | undefined;
  /** Position of the tool call that is being written: one after the other, unlike their blocks' numbers. */
  let tools = -1;
  return (event) => {
    if (event.type === 'message_start') {
      input = inputOf(event.message.usage);
    } else if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
      return { text: event.delta.text };
    } else if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') {
      tools++;
      const { id, name } = event.content_block;
      return { toolCalls: [{ index: tools, id, name, arguments: '' }] };
    } else if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta') {
      return { toolCalls: [{ index: tools, arguments: event.delta.partial_json }] };
    } else if (event.type === 'message_delta') {
      const reason = event.delta.stop_reason;
      end = reason ? (END_REASONS[reason] ?? 'stop') : end;
      if (input && event.usage) return { usage: { ...input, outputTokens: event.usage.output_tokens } };
    } else if (event.type === 'message_stop') {
      return { end };
    }
    return undefined;
  };
}

type InputUsage = Pick<Usage, 'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens'>;

/** `input_tokens` leaves out what was read from or written to the prompt cache; the hub's count is of all of it. */
function inputOf(usage: Anthropic.Usage | undefined): InputUsage | undefined {
  // Anthropic always reports it, servers that imitate it do not.
  if (!usage) return undefined;
  const cached = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  return {
    inputTokens: usage.input_tokens + cached + written,
    cachedInputTokens: cached,
    ...(written > 0 ? { cacheWriteTokens: written } : {}),
  };
}

/** Text and thoughts count; the opening events come before the model does anything. */
function isProgress(event: Event): boolean {
  return event.type !== 'message_start' && event.type !== 'content_block_start';
}
