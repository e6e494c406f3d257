import { errorOf } from './openai-errors.ts';
import type { ErrorAnswer } from './server.ts';
import type { SimChatRequest } from './types.ts';

interface Body {
  model?: unknown;
  messages?: unknown;
  stream?: unknown;
  max_tokens?: unknown;
  max_completion_tokens?: unknown;
  temperature?: unknown;
  tools?: unknown;
}

/** The models that know `max_completion_tokens` only. */
const REASONING_MODEL = /^(o\d|gpt-5)/;

/** Checks a chat completions request as strictly as the API does in what clients get wrong. */
export function parseChat(body: unknown): SimChatRequest | ErrorAnswer {
  if (typeof body !== 'object' || body === null) return errorOf('invalid_request', 'We could not parse the JSON body.');
  const { model, messages, stream, max_tokens: old, max_completion_tokens: current, temperature, tools }: Body = body;
  if (typeof model !== 'string') return errorOf('invalid_request', 'you must provide a model parameter');
  if (!Array.isArray(messages) || messages.length === 0) {
    return errorOf('invalid_request', "Invalid 'messages': empty array. Expected an array with minimum length 1.");
  }
  if (old !== undefined && (current !== undefined || REASONING_MODEL.test(model))) {
    return errorOf('invalid_request', "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.");
  }
  const unanswered = callsWithoutResult(messages);
  if (unanswered.length > 0) {
    return errorOf(
      'invalid_request',
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${unanswered.join(', ')}`,
    );
  }
  const all = messages.map((message) => ({ role: String(message?.role), content: textOf(message?.content) }));
  const limit = current ?? old;
  return {
    model,
    system: all
      .filter(({ role }) => role === 'system' || role === 'developer')
      .map(({ content }) => content)
      .join('\n'),
    messages: all.flatMap(({ role, content }) => (role === 'user' || role === 'assistant' ? [{ role, content }] : [])),
    stream: stream === true,
    maxTokens: typeof limit === 'number' ? limit : undefined,
    temperature: typeof temperature === 'number' ? temperature : undefined,
    tools: listOf(tools).map((tool) => String(tool?.function?.name)),
    toolResults: messages.flatMap((message) =>
      message?.role === 'tool' ? [{ id: String(message.tool_call_id), content: textOf(message.content) }] : [],
    ),
    parts: [
      ...listOf(tools).map((tool) => ({ text: JSON.stringify(tool), cached: false })),
      ...messages.map((message) => ({
        text: textOf(message?.content) + (message?.tool_calls ? JSON.stringify(message.tool_calls) : ''),
        cached: false,
      })),
    ],
  };
}

/** Ids of tool calls that the messages right after theirs do not answer. */
function callsWithoutResult(messages: { role?: unknown; tool_calls?: unknown; tool_call_id?: unknown }[]): string[] {
  return messages.flatMap((message, index) => {
    const next = messages.slice(index + 1);
    const end = next.findIndex((one) => one?.role !== 'tool');
    const answered = (end < 0 ? next : next.slice(0, end)).map((one) => String(one.tool_call_id));
    return listOf(message?.tool_calls)
      .map((call) => String(call?.id))
      .filter((id) => !answered.includes(id));
  });
}

interface Loose {
  id?: unknown;
  function?: { name?: unknown };
}

const listOf = (value: unknown): (Loose | undefined)[] => (Array.isArray(value) ? value : []);

/** A message's text: a string, or the text parts of a list. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
}
