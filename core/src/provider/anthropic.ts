import type Anthropic from '@anthropic-ai/sdk';
import { fromAnthropicError } from './anthropic-errors.ts';
import type { Clients } from './clients.ts';
import { complete, type EndReason, type Part } from './complete.ts';
import { placeOf } from './place.ts';
import type { ChatMessage, ModelCall, ModelEvent, ModelRequest, Provider, Usage } from './types.ts';
import { watch } from './watchdog.ts';

type Body = Anthropic.MessageCreateParamsStreaming;
type Event = Anthropic.RawMessageStreamEvent;

/** Anthropic's messages API. */
export function createAnthropicProvider(clients: Clients): Provider {
  async function* stream(request: ModelRequest, call: ModelCall): AsyncGenerator<ModelEvent> {
    try {
      const client = clients.anthropic(placeOf(call));
      const body = bodyOf(request, call);
      const events = watch((signal) => client.messages.create(body, { signal }), {
        timeoutMs: call.model.timeout_seconds * 1000,
        signal: call.signal,
        isProgress,
      });
      yield* complete(partsOf(events), request);
    } catch (error) {
      throw fromAnthropicError(call.model.provider, error);
    }
  }
  return { stream };
}

function bodyOf(request: ModelRequest, { model }: ModelCall): Body {
  return {
    model: model.model ?? model.id,
    max_tokens: Math.min(request.maxOutputTokens ?? model.max_output_tokens, model.max_output_tokens),
    messages: alternating(request.messages),
    stream: true,
    ...(request.system ? { system: request.system } : {}),
    // Current models refuse it with 400, so it goes out only when somebody asked for it.
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  };
}

/** The API wants a person's message first, no empty ones, and roles in turn: neighbours of one role become one. */
function alternating(messages: readonly ChatMessage[]): ChatMessage[] {
  const result: ChatMessage[] = [];
  for (const { role, content } of messages) {
    const previous = result.at(-1);
    if (content.trim() === '' || (previous === undefined && role === 'assistant')) continue;
    if (previous?.role === role) previous.content += `\n\n${content}`;
    else result.push({ role, content });
  }
  return result;
}

const END_REASONS: Record<string, EndReason> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'filtered',
};

async function* partsOf(events: AsyncIterable<Event>): AsyncGenerator<Part> {
  let input: InputUsage | undefined;
  let end: EndReason | undefined;
  for await (const event of events) {
    if (event.type === 'message_start') {
      input = inputOf(event.message.usage);
    } else if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
      yield { text: event.delta.text };
    } else if (event.type === 'message_delta') {
      const reason = event.delta.stop_reason;
      end = reason ? (END_REASONS[reason] ?? 'stop') : end;
      if (input && event.usage) yield { usage: { ...input, outputTokens: event.usage.output_tokens } };
    } else if (event.type === 'message_stop') {
      yield { end };
    }
  }
}

type InputUsage = Pick<Usage, 'inputTokens' | 'cachedInputTokens'>;

/** `input_tokens` leaves out what was read from or written to the prompt cache; the hub's count is of all of it. */
function inputOf(usage: Anthropic.Usage | undefined): InputUsage | undefined {
  // Anthropic always reports it, servers that imitate it do not.
  if (!usage) return undefined;
  const cached = usage.cache_read_input_tokens ?? 0;
  return {
    inputTokens: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
    cachedInputTokens: cached,
  };
}

/** Text and thoughts count; the opening events come before the model does anything. */
function isProgress(event: Event): boolean {
  return event.type !== 'message_start' && event.type !== 'content_block_start';
}
