import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { textOf } from './openai-request.ts';
import type { ErrorAnswer, ErrorName } from './server.ts';
import type { SimChatRequest } from './types.ts';

interface Body {
  model?: unknown;
  system?: unknown;
  messages?: unknown;
  stream?: unknown;
  max_tokens?: unknown;
  temperature?: unknown;
  tools?: unknown;
}

/** Checks a messages request as strictly as the API does in what clients get wrong. */
export function parseMessages(body: unknown, request: IncomingMessage): SimChatRequest | ErrorAnswer {
  if (request.headers['anthropic-version'] === undefined) {
    return errorOf('invalid_request', 'anthropic-version: header is required');
  }
  if (typeof body !== 'object' || body === null) return errorOf('invalid_request', 'The body is not valid JSON.');
  const { model, system, messages, stream, max_tokens: maxTokens, temperature, tools }: Body = body;
  if (typeof model !== 'string') return errorOf('invalid_request', 'model: Field required');
  if (typeof maxTokens !== 'number') return errorOf('invalid_request', 'max_tokens: Field required');
  if (!Array.isArray(messages) || messages.length === 0) {
    return errorOf('invalid_request', 'messages: at least one message is required');
  }
  const all = messages.map((message) => ({ role: message?.role, content: textOf(message?.content) }));
  if (all.some(({ role }) => role !== 'user' && role !== 'assistant')) {
    return errorOf('invalid_request', 'messages: Unexpected role. Use the top-level `system` parameter instead.');
  }
  if (all[0]?.role !== 'user') return errorOf('invalid_request', 'messages: first message must use the "user" role');
  if (messages.some(({ content }) => hasEmptyText(content))) {
    return errorOf('invalid_request', 'messages: text content blocks must be non-empty');
  }
  const unanswered = messages.flatMap(({ content }, index) => {
    const answers = blocksOf(messages[index + 1]?.content).map(({ tool_use_id }) => tool_use_id);
    return blocksOf(content).flatMap(({ type, id }) => (type === 'tool_use' && !answers.includes(id) ? [id] : []));
  });
  if (unanswered.length > 0) {
    const ids = unanswered.join(', ');
    const text = `messages: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}`;
    return errorOf('invalid_request', text);
  }
  return {
    model,
    system: textOf(system),
    messages: all,
    stream: stream === true,
    maxTokens,
    temperature: typeof temperature === 'number' ? temperature : undefined,
    tools: blocksOf(tools).map(({ name }) => String(name)),
    toolResults: messages.flatMap(({ content }) =>
      blocksOf(content).flatMap(({ type, tool_use_id, content: result }) =>
        type === 'tool_result' ? [{ id: String(tool_use_id), content: textOf(result) }] : [],
      ),
    ),
    parts: [...partsOf(tools), ...partsOf(system), ...messages.flatMap(({ content }) => partsOf(content))],
  };
}

type Block = Partial<Record<'type' | 'id' | 'name' | 'text' | 'tool_use_id' | 'content' | 'cache_control', unknown>>;

const blocksOf = (content: unknown): Block[] => (Array.isArray(content) ? content : []);

function hasEmptyText(content: unknown): boolean {
  if (typeof content === 'string') return content.trim() === '';
  const blocks = blocksOf(content);
  return blocks.length === 0 || blocks.some(({ type, text }) => type === 'text' && String(text).trim() === '');
}

/** What is counted and cached of one part of a prompt, block by block. */
function partsOf(content: unknown): SimChatRequest['parts'] {
  if (typeof content === 'string') return [{ text: content, cached: false }];
  return blocksOf(content).map(({ cache_control, ...block }) => ({
    text: typeof block.text === 'string' ? block.text : JSON.stringify(block),
    cached: cache_control !== undefined,
  }));
}

/** Error bodies as api.anthropic.com sends them. */
export function errorOf(name: ErrorName, detail = ''): ErrorAnswer {
  const [status, type, message] = ERRORS[name];
  return {
    status,
    error: { type: 'error', error: { type, message: message + detail }, request_id: `req_${randomUUID()}` },
  };
}

const ERRORS: Record<ErrorName, [status: number, type: string, message: string]> = {
  rate_limit: [429, 'rate_limit_error', "This request would exceed your account's rate limit."],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
  out_of_money: [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
  unauthorized: [401, 'authentication_error', 'invalid x-api-key'],
  context_length: [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
  content_filter: [400, 'invalid_request_error', 'Output blocked by content filtering policy'],
  not_found: [404, 'not_found_error', 'model or path not found: '],
  invalid_request: [400, 'invalid_request_error', ''],
  server_error: [500, 'unexpected_error', 'Something went wrong on our side.'],
};
