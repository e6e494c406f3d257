import { randomUUID } from 'node:crypto';
import { errorOf, parseMessages } from './anthropic-request.ts';
import { createMarkedCache } from './prompt-cache.ts';
import { type Api, type Exchange, sendJson, startServer } from './server.ts';
import { type Answer, composeAnswer, startEventStream, streamTokens, write } from './streaming.ts';
import type { ModelSimulator, ModelSimulatorOptions } from './types.ts';

/** Plays Anthropic's messages API (`POST /v1/messages`, `GET /v1/models`). */
export function startAnthropicSimulator(options: ModelSimulatorOptions = {}): Promise<ModelSimulator> {
  return startServer(api, options);
}

const api: Api = {
  name: 'anthropic',
  basePath: '',
  isChat: (path) => path === '/v1/messages',
  keyOf({ headers }) {
    const key = headers['x-api-key'];
    return typeof key === 'string' ? key : headers.authorization?.replace(/^Bearer /, '');
  },
  parse: parseMessages,
  other(method, path, models) {
    if (method !== 'GET' || path !== '/v1/models') return undefined;
    const data = models.map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '2025-01-01T00:00:00Z',
    }));
    return {
      status: 200,
      body: { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null },
    };
  },
  error: errorOf,
  createPromptCache: createMarkedCache,
  async answer(exchange) {
    const answer = await composeAnswer(exchange);
    await (exchange.chat.stream ? stream(exchange, answer) : sendWhole(exchange, answer));
  },
};

async function stream(exchange: Exchange, answer: Answer): Promise<void> {
  const { response, fault } = exchange;
  const event = (type: string, data: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const empty = { ...answer, tokens: [], toolCalls: [], outputTokens: 0 };
  const head = { ...messageOf(exchange, empty), content: [], stop_reason: null };

  startEventStream(exchange, { 'request-id': `req_${randomUUID()}` });
  await write(exchange, event('message_start', { message: head }));
  const hasText = answer.tokens.length > 0 || answer.toolCalls.length === 0;
  if (hasText)
    await write(exchange, event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }));
  await write(exchange, event('ping'));
  const whole = await streamTokens(exchange, answer, {
    token: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    error: (name) => `event: error\ndata: ${JSON.stringify(errorOf(name).error)}\n\n`,
    malformed: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n',
    keepAlive: event('ping'),
  });
  if (!whole) return;
  if (hasText) await write(exchange, event('content_block_stop', { index: 0 }));
  for (const [position, { id, name, tokens }] of answer.toolCalls.entries()) {
    const index = position + (hasText ? 1 : 0);
    const delta = (json: string) =>
      event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: json } });
    const content_block = { type: 'tool_use', id, name, input: {} };
    await write(exchange, event('content_block_start', { index, content_block }));
    for (const token of ['', ...tokens]) await write(exchange, delta(token));
    await write(exchange, event('content_block_stop', { index }));
  }
  if (fault?.kind !== 'no_finish') {
    const delta = { stop_reason: STOP_REASONS[answer.end], stop_sequence: null };
    const usage = fault?.kind === 'no_usage' ? {} : { usage: { output_tokens: answer.outputTokens } };
    await write(exchange, event('message_delta', { delta, ...usage }));
    await write(exchange, event('message_stop'));
  }
  response.end();
}

function sendWhole(exchange: Exchange, answer: Answer): void {
  sendJson(exchange.response, exchange.record, 200, messageOf(exchange, answer), {
    'request-id': `req_${randomUUID()}`,
  });
  exchange.record.tokensSent = answer.tokens.length;
}

function messageOf({ chat, fault }: Exchange, answer: Answer) {
  const usage = {
    input_tokens: answer.prompt.fresh,
    cache_creation_input_tokens: answer.prompt.written,
    cache_read_input_tokens: answer.prompt.read,
    output_tokens: answer.outputTokens,
    service_tier: 'standard',
  };
  return {
    id: `msg_${randomUUID()}`,
    type: 'message',
    role: 'assistant',
    model: chat.model,
    content: [
      ...(answer.tokens.length === 0 ? [] : [{ type: 'text', text: answer.tokens.join('') }]),
      ...answer.toolCalls.map(({ id, name, tokens }) => ({
        type: 'tool_use',
        id,
        name,
        input: JSON.parse(tokens.join('')) as unknown,
      })),
    ],
    stop_reason: fault?.kind === 'no_finish' ? null : STOP_REASONS[answer.end],
    stop_sequence: null,
    ...(fault?.kind === 'no_usage' ? {} : { usage }),
  };
}

const STOP_REASONS = {
  stop: 'end_turn',
  length: 'max_tokens',
  filtered: 'refusal',
  tool_calls: 'tool_use',
} as const;
