import { randomUUID } from 'node:crypto';
import { errorOf, parseMessages } from './anthropic-request.ts';
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
  async answer(exchange) {
    const answer = await composeAnswer(exchange);
    await (exchange.chat.stream ? stream(exchange, answer) : sendWhole(exchange, answer));
  },
};

async function stream(exchange: Exchange, answer: Answer): Promise<void> {
  const { response, fault } = exchange;
  const event = (type: string, data: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const empty = { ...answer, tokens: [] };
  const head = { ...messageOf(exchange, empty), content: [], stop_reason: null };

  startEventStream(exchange, { 'request-id': `req_${randomUUID()}` });
  await write(exchange, event('message_start', { message: head }));
  await write(exchange, event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }));
  await write(exchange, event('ping'));
  const whole = await streamTokens(exchange, answer, {
    token: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    error: () => `event: error\ndata: ${JSON.stringify(errorOf('server_error').error)}\n\n`,
    malformed: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n',
    keepAlive: event('ping'),
  });
  if (!whole) return;
  await write(exchange, event('content_block_stop', { index: 0 }));
  if (fault?.kind !== 'no_finish') {
    const delta = { stop_reason: STOP_REASONS[answer.end], stop_sequence: null };
    const usage = fault?.kind === 'no_usage' ? {} : { usage: { output_tokens: answer.tokens.length } };
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
    input_tokens: answer.inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: answer.tokens.length,
    service_tier: 'standard',
  };
  return {
    id: `msg_${randomUUID()}`,
    type: 'message',
    role: 'assistant',
    model: chat.model,
    content: answer.tokens.length === 0 ? [] : [{ type: 'text', text: answer.tokens.join('') }],
    stop_reason: fault?.kind === 'no_finish' ? null : STOP_REASONS[answer.end],
    stop_sequence: null,
    ...(fault?.kind === 'no_usage' ? {} : { usage }),
  };
}

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', filtered: 'refusal' } as const;
