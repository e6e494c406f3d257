import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAnthropicSimulator, startOpenAiSimulator } from './index.ts';
import type { ModelSimulator } from './types.ts';

let openai: ModelSimulator;
let anthropic: ModelSimulator;
beforeAll(async () => {
  openai = await startOpenAiSimulator({ models: ['gpt-sim'], keys: ['sk-1', 'sk-2'] });
  anthropic = await startAnthropicSimulator({ models: ['claude-sim'] });
});
afterAll(() => Promise.all([openai.close(), anthropic.close()]));

const post = (url: string, body: object, headers: Record<string, string>) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const messages = [{ role: 'user', content: 'hi' }];

describe('openai', () => {
  const chat = (body: object, key = 'sk-2') =>
    post(`${openai.url}/chat/completions`, { model: 'gpt-sim', messages, ...body }, { authorization: `Bearer ${key}` });

  test('answers as a whole', async () => {
    expect(await (await chat({})).json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'You said: hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 },
    });
  });

  test('streams role, text, finish and usage, then [DONE]', async () => {
    const response = await chat({ stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text()).trim().split('\n\n');
    expect(events.at(-1)).toBe('data: [DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.replace(/^data: /, '')));
    expect(chunks[0]).toMatchObject({ object: 'chat.completion.chunk', choices: [{ delta: { role: 'assistant' } }] });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('You said: hi');
    expect(chunks.at(-2)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'stop' }], usage: null });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 4 } });
  });

  test('no usage unless it was asked for', async () => {
    expect(await (await chat({ stream: true })).text()).not.toContain('usage');
  });

  test('refuses what the API refuses', async () => {
    const refusal = async (body: object, key?: string) => {
      const response = await chat(body, key);
      const { error } = (await response.json()) as { error: { code: string | null } };
      return [response.status, error.code];
    };
    expect(await refusal({}, 'sk-wrong')).toEqual([401, 'invalid_api_key']);
    expect(await refusal({ model: 'nope' })).toEqual([404, 'model_not_found']);
    expect(await refusal({ messages: [] })).toEqual([400, null]);
    expect(await refusal({ model: 'gpt-5', max_tokens: 5 })).toEqual([400, null]);
  });

  test('records requests without keys', async () => {
    await chat({});
    const record = openai.requests.at(-1);
    expect(record).toMatchObject({ keyIndex: 1, status: 200, keyFingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(JSON.stringify(record)).not.toContain('sk-2');
  });

  test('lists models', async () => {
    const list = await (await fetch(`${openai.url}/models`)).json();
    expect(list).toMatchObject({ object: 'list', data: [{ id: 'gpt-sim', object: 'model' }] });
  });

  test('a fault hits as often as it should, or until it is stopped', async () => {
    openai.misbehave({ times: 2, action: { kind: 'overloaded' } });
    const stop = openai.misbehave({ keyIndex: 0, action: { kind: 'rate_limit' } });
    const statuses = async (key: string) => (await chat({}, key)).status;
    expect([await statuses('sk-2'), await statuses('sk-2'), await statuses('sk-2')]).toEqual([503, 503, 200]);
    expect([await statuses('sk-1'), await statuses('sk-1')]).toEqual([429, 429]);
    stop();
    expect(await statuses('sk-1')).toBe(200);
  });
});

describe('anthropic', () => {
  const ask = (body: object, headers: Record<string, string> = { 'anthropic-version': '2023-06-01' }) =>
    post(`${anthropic.url}/v1/messages`, { model: 'claude-sim', max_tokens: 100, messages, ...body }, headers);

  test('answers as a whole', async () => {
    expect(await (await ask({})).json()).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'You said: hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 3 },
    });
  });

  test('streams the events of the API in their order', async () => {
    const text = await (await ask({ stream: true, max_tokens: 2 })).text();
    const events = text
      .trim()
      .split('\n\n')
      .map((event) => event.match(/^event: (\w+)\ndata: (.*)$/)?.slice(1) ?? []);
    expect(events.map(([name]) => name)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    for (const [name, data] of events) expect(JSON.parse(data ?? '')).toMatchObject({ type: name });
    expect(JSON.parse(events[6]?.[1] ?? '')).toMatchObject({
      delta: { stop_reason: 'max_tokens' },
      usage: { output_tokens: 2 },
    });
  });

  test('refuses what the API refuses', async () => {
    for (const body of [
      { max_tokens: undefined },
      { messages: [{ role: 'system', content: 'x' }] },
      { messages: [{ role: 'assistant', content: 'x' }] },
      { messages: [{ role: 'user', content: ' ' }] },
    ]) {
      const response = await ask(body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    }
    expect((await ask({}, {})).status).toBe(400);
  });
});

test.each(['openai', 'anthropic'])('as a command: %s prints its URL, answers, and ends on SIGTERM', async (api) => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, api, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(child.stdout, 'data');
  const url = String(printed).trim();
  const list = await fetch(api === 'openai' ? `${url}/models` : `${url}/v1/models`);
  expect(list.status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
