import { randomUUID } from 'node:crypto';
import { errorOf } from './openai-errors.ts';
import { parseChat } from './openai-request.ts';
import { createPrefixCache } from './prompt-cache.ts';
import { type Api, type Exchange, sendJson, startServer } from './server.ts';
import { type Answer, composeAnswer, startEventStream, streamTokens, write } from './streaming.ts';
import type { ModelSimulator, ModelSimulatorOptions } from './types.ts';

/**
 * Plays OpenAI's chat completions (`POST /v1/chat/completions`, `GET /v1/models`), also under the paths of Azure
 * (`/openai/deployments/NAME/…`, `/openai/v1/…`).
 */
export function startOpenAiSimulator(options: ModelSimulatorOptions = {}): Promise<ModelSimulator> {
  return startServer(api, options);
}

const CHAT_PATH = /^(\/openai)?(\/v1|\/deployments\/[^/]+)\/chat\/completions$/;

const api: Api = {
  name: 'openai',
  basePath: '/v1',
  isChat: (path) => CHAT_PATH.test(path),
  keyOf({ headers }) {
    const azure = headers['api-key'];
    return typeof azure === 'string' ? azure : headers.authorization?.replace(/^Bearer /, '');
  },
  parse: parseChat,
  other(method, path, models) {
    if (method !== 'GET' || path !== '/v1/models') return undefined;
    const data = models.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'simulator' }));
    return { status: 200, body: { object: 'list', data } };
  },
  error: errorOf,
  createPromptCache: createPrefixCache,
  async answer(exchange) {
    const answer = await composeAnswer(exchange);
    await (exchange.chat.stream ? stream(exchange, answer) : sendWhole(exchange, answer));
  },
};

async function stream(exchange: Exchange, answer: Answer): Promise<void> {
  const { chat, record, response, fault } = exchange;
  const includeUsage = wantsUsage(record.body) && fault?.kind !== 'no_usage';
  const head = {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: chat.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulator',
  };
  const event = (data: object) => `data: ${JSON.stringify({ ...head, ...data })}\n\n`;
  const chunk = (delta: object, finish: string | null = null) =>
    event({
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(includeUsage ? { usage: null } : {}),
    });

  startEventStream(exchange, { 'x-request-id': `req_${randomUUID()}` });
  await write(exchange, chunk({ role: 'assistant', content: '', refusal: null }));
  const whole = await streamTokens(exchange, answer, {
    token: (text) => chunk({ content: text }),
    error: (name) => `data: ${JSON.stringify(errorOf(name).error)}\n\n`,
    malformed: 'data: {"id":"chatcmpl-broken","choices":[{"delta":{"cont\n\n',
    keepAlive: undefined,
  });
  if (!whole) return;
  for (const [index, { id, name, tokens }] of answer.toolCalls.entries()) {
    const call = (delta: object) => chunk({ tool_calls: [{ index, ...delta }] });
    await write(exchange, call({ id, type: 'function', function: { name, arguments: '' } }));
    for (const token of tokens) await write(exchange, call({ function: { arguments: token } }));
  }
  if (fault?.kind !== 'no_finish') {
    await write(exchange, chunk({}, FINISH_REASONS[answer.end]));
    if (includeUsage) await write(exchange, event({ choices: [], usage: usageOf(answer) }));
    await write(exchange, 'data: [DONE]\n\n');
  }
  response.end();
}

function sendWhole({ chat, record, response, fault }: Exchange, answer: Answer): void {
  const calls = answer.toolCalls.map(({ id, name, tokens }) => ({
    id,
    type: 'function',
    function: { name, arguments: tokens.join('') },
  }));
  const message = {
    role: 'assistant',
    content: answer.tokens.length === 0 && calls.length > 0 ? null : answer.tokens.join(''),
    refusal: null,
    annotations: [],
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const finish = fault?.kind === 'no_finish' ? null : FINISH_REASONS[answer.end];
  sendJson(response, record, 200, {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: chat.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    ...(fault?.kind === 'no_usage' ? {} : { usage: usageOf(answer) }),
    service_tier: 'default',
    system_fingerprint: 'fp_simulator',
  });
  record.tokensSent = answer.tokens.length;
}

const FINISH_REASONS = {
  stop: 'stop',
  length: 'length',
  filtered: 'content_filter',
  tool_calls: 'tool_calls',
} as const;

function usageOf({ prompt: { fresh, read }, outputTokens }: Answer) {
  return {
    prompt_tokens: fresh + read,
    completion_tokens: outputTokens,
    total_tokens: fresh + read + outputTokens,
    prompt_tokens_details: { cached_tokens: read, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

function wantsUsage(body: unknown): boolean {
  const { stream_options: options } = body as { stream_options?: { include_usage?: boolean } };
  return options?.include_usage === true;
}
