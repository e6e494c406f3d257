import type Anthropic from '@anthropic-ai/sdk';
import { ParleyError } from '../errors/index.ts';
import type { ChatMessage, ModelCall, ModelRequest, RequestExtras } from './types.ts';

type Body = Anthropic.MessageCreateParamsStreaming;
type Block = Anthropic.ContentBlockParam;

/**
 * From so many characters on a prefix is worth a cache breakpoint: Anthropic keeps nothing below some 1,024 tokens, and
 * writing costs a quarter more than reading anew.
 */
const CACHE_FROM_CHARACTERS = 6_000;
const CACHED = { cache_control: { type: 'ephemeral' as const } };

/** A request in Anthropic's words. @throws ParleyError `model_invalid_request` for what its API does not know */
export function bodyOf(request: ModelRequest, { model }: ModelCall): Body {
  const { system = '', extras = {} } = request;
  const messages = alternating(request.messages);
  return {
    model: model.model ?? model.id,
    max_tokens: Math.min(request.maxOutputTokens ?? model.max_output_tokens, model.max_output_tokens),
    messages: withBreakpoint(messages, system.length),
    stream: true,
    ...(system
      ? { system: system.length >= CACHE_FROM_CHARACTERS ? [{ type: 'text', text: system, ...CACHED }] : system }
      : {}),
    // Current models refuse it with 400, so it goes out only when somebody asked for it.
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...extrasOf(extras),
  };
}

function extrasOf({ topP, stop, tools, toolChoice, parallelToolCalls, responseFormat }: RequestExtras): Partial<Body> {
  if (responseFormat !== undefined && responseFormat.type !== 'text') {
    throw new ParleyError('model_invalid_request', `Anthropic's API has no response_format ${responseFormat.type}`);
  }
  const alone = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  const choices = {
    auto: { type: 'auto', ...alone },
    required: { type: 'any', ...alone },
    none: { type: 'none' },
  } as const;
  return {
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stop === undefined ? {} : { stop_sequences: stop }),
    ...(tools?.length
      ? {
          tools: tools.map(({ name, description, parameters }) => ({
            name,
            ...(description === undefined ? {} : { description }),
            input_schema: { type: 'object' as const, ...parameters },
          })),
          tool_choice:
            typeof toolChoice === 'object' ? { type: 'tool', ...toolChoice, ...alone } : choices[toolChoice ?? 'auto'],
        }
      : {}),
  };
}

interface Message {
  role: 'user' | 'assistant';
  content: Block[];
}

/** The API wants a person's message first, no empty ones, and roles in turn: neighbours of one role become one. */
function alternating(messages: readonly ChatMessage[]): Message[] {
  const result: Message[] = [];
  for (const message of messages) {
    const content = blocksOf(message);
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const previous = result.at(-1);
    if (content.length === 0 || (previous === undefined && role === 'assistant')) continue;
    if (previous?.role === role) append(previous.content, content);
    else result.push({ role, content });
  }
  return result;
}

/** Texts that meet become one, a paragraph each. */
function append(blocks: Block[], more: readonly Block[]): void {
  const [first, ...rest] = more;
  const last = blocks.at(-1);
  if (first?.type === 'text' && last?.type === 'text') {
    blocks.splice(-1, 1, { type: 'text', text: `${last.text}\n\n${first.text}` }, ...rest);
  } else blocks.push(...more);
}

function blocksOf({ role, content, images = [], toolCalls = [], toolCallId }: ChatMessage): Block[] {
  if (role === 'tool') return [{ type: 'tool_result', tool_use_id: toolCallId ?? '', content }];
  return [
    ...(content.trim() === '' ? [] : [{ type: 'text' as const, text: content }]),
    ...images.map(({ url }) => ({ type: 'image' as const, source: sourceOf(url) })),
    ...toolCalls.map(({ id, name, arguments: args }) => ({ type: 'tool_use' as const, id, name, input: parsed(args) })),
  ];
}

function sourceOf(url: string): Anthropic.ImageBlockParam['source'] {
  const data = /^data:(image\/[a-z+.-]+);base64,(.*)$/s.exec(url);
  if (!data) return { type: 'url', url };
  return { type: 'base64', media_type: data[1] as Anthropic.Base64ImageSource['media_type'], data: data[2] ?? '' };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json || '{}');
  } catch {
    return {};
  }
}

/** What was said before the question stays the same in the next turn: a long talk is read from the cache then. */
function withBreakpoint(messages: Message[], systemLength: number): Body['messages'] {
  const plain = messages.map(({ role, content }) => {
    const [only] = content;
    return { role, content: content.length === 1 && only?.type === 'text' ? only.text : content };
  });
  const before = messages.slice(0, -1);
  const length = before
    .flatMap(({ content }) => content)
    .reduce((sum, block) => sum + (block.type === 'text' ? block.text.length : 0), systemLength);
  const last = before.at(-1);
  if (!last || length < CACHE_FROM_CHARACTERS) return plain;
  const content = last.content.with(-1, { ...(last.content.at(-1) as Anthropic.TextBlockParam), ...CACHED });
  return plain.with(before.length - 1, { role: last.role, content });
}
