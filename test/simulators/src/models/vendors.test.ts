import { modelSchema } from '@parley/core/config';
import type { ModelRequest } from '@parley/core/provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAnthropicSimulator, startOpenAiSimulator } from './index.ts';
import { callOf, KEYS, providers, QUESTION, run } from './provider-call.ts';
import type { ModelSimulator } from './types.ts';

let openai: ModelSimulator;
let anthropic: ModelSimulator;

beforeAll(async () => {
  openai = await startOpenAiSimulator({ keys: KEYS });
  anthropic = await startAnthropicSimulator({ keys: KEYS });
});
afterAll(() => Promise.all([providers.close(), openai.close(), anthropic.close()]));

test('a content filter that refuses the prompt is model_content_filtered', async () => {
  openai.misbehave({ times: 1, action: { kind: 'content_filter', when: 'prompt' } });
  expect((await run(QUESTION, callOf('openai', openai.url))).error?.code).toBe('model_content_filtered');
});

test('each provider names the output limit as its servers know it', async () => {
  await run(QUESTION, callOf('openai', openai.url));
  expect(openai.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 1024 });
  for (const provider of ['deepseek', 'glm', 'ollama', 'openai-compatible'] as const) {
    expect((await run(QUESTION, callOf(provider, openai.url))).error).toBeUndefined();
    expect(openai.requests.at(-1)?.body).toMatchObject({ max_tokens: 1024 });
  }
});

test.each([
  ['', '/openai/deployments/sim-1/chat/completions', 'max_completion_tokens', false],
  ['/openai/', '/openai/deployments/sim-1/chat/completions', 'max_completion_tokens', false],
  ['/openai/deployments/other', '/openai/deployments/other/chat/completions', 'max_completion_tokens', false],
  ['/openai/v1', '/openai/v1/chat/completions', 'max_completion_tokens', false],
  ['?api-version=2024-10-21', '/openai/deployments/sim-1/chat/completions', 'max_tokens', true],
])('azure: base_url ORIGIN%s calls %s', async (suffix, path, limitField, estimated) => {
  const { origin, requests } = openai;
  const { error, finish } = await run(QUESTION, callOf('azure-openai', origin + suffix));
  expect(error).toBeUndefined();
  expect(requests.at(-1)).toMatchObject({ path, keyIndex: 0, body: { [limitField]: 1024 } });
  expect(finish).toMatchObject({ usage: { estimated } });
});

test('a server without keys gets no authorization header', async () => {
  const open = await startOpenAiSimulator();
  const { error } = await run(QUESTION, callOf('ollama', open.url, { apiKey: undefined }));
  expect(error).toBeUndefined();
  expect(open.requests.at(-1)?.keyFingerprint).toBeUndefined();
  await open.close();
});

test('providers without a default endpoint need one', () => {
  for (const provider of ['azure-openai', 'openai-compatible'] as const) {
    const model = modelSchema.parse({ id: 'm', provider });
    expect(() => providers.providerFor(model)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  }
});

test('anthropic: roles in turn, a person first, nothing empty', async () => {
  const messages: ModelRequest['messages'] = [
    { role: 'assistant', content: 'Welcome!' },
    { role: 'user', content: 'one' },
    { role: 'user', content: 'two' },
    { role: 'assistant', content: ' ' },
    { role: 'user', content: 'three' },
  ];
  const { error } = await run({ messages }, callOf('anthropic', anthropic.url));
  expect(error).toBeUndefined();
  const body = anthropic.requests.at(-1)?.body;
  expect(body).toMatchObject({ messages: [{ role: 'user', content: 'one\n\ntwo\n\nthree' }] });
  expect(body).not.toHaveProperty('temperature');
  expect(messages[1]).toEqual({ role: 'user', content: 'one' });
});

test('echo answers offline, in several deltas, with usage', async () => {
  const { text, events, finish } = await run(
    { messages: [{ role: 'user', content: 'hello 🙂 world' }] },
    callOf('echo', 'http://127.0.0.1:1'),
  );
  expect(text).toBe('echo: hello 🙂 world');
  expect(events.length).toBeGreaterThan(3);
  expect(finish).toMatchObject({ reason: 'stop', usage: { estimated: false } });
});
