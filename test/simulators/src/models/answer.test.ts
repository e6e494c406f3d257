import { type AnswerEvent, answer, type ModelAttempt } from '@parley/core/chat';
import { type ModelConfig, modelSchema, tenantSchema } from '@parley/core/config';
import { createProviders } from '@parley/core/provider';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startAnthropicSimulator, startOpenAiSimulator } from './index.ts';
import type { FaultAction, ModelSimulator } from './types.ts';

const KEYS = ['sk-openai-first', 'sk-openai-second'];
const QUESTION = 'what is the secret of the universe?';
const providers = createProviders();
let openai: ModelSimulator;
let anthropic: ModelSimulator;
const stops: (() => void)[] = [];

beforeAll(async () => {
  openai = await startOpenAiSimulator({ keys: KEYS });
  anthropic = await startAnthropicSimulator({ keys: ['sk-ant'] });
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(() => Promise.all([providers.close(), openai.close(), anthropic.close()]));

async function ask(tenantModels = ['gpt', 'claude']) {
  const configs: ModelConfig[] = [
    modelSchema.parse({
      id: 'gpt',
      provider: 'openai',
      endpoints: [{ base_url: openai.url }],
      keys: KEYS,
      timeout_seconds: 0.5,
    }),
    modelSchema.parse({
      id: 'claude',
      provider: 'anthropic',
      endpoints: [{ base_url: anthropic.url }],
      keys: ['sk-ant'],
    }),
  ];
  const attempts: ModelAttempt[] = [];
  const logged: string[] = [];
  const events: AnswerEvent[] = [];
  const stream = answer(
    {
      requestId: 'r1',
      tenant: tenantSchema.parse({ id: 't', models: tenantModels }),
      history: [],
      question: QUESTION,
      signal: new AbortController().signal,
    },
    {
      models: new Map(configs.map((model) => [model.id, model])),
      providerFor: providers.providerFor,
      logger: createLogger('warn', { write: (line) => logged.push(line) }),
      onAttempt: (attempt) => attempts.push(attempt),
    },
  );
  for await (const event of stream) events.push(event);
  return { done: events.at(-1), attempts, logged };
}

test.each<FaultAction>([
  { kind: 'rate_limit', retryAfterSeconds: 30 },
  { kind: 'overloaded' },
  { kind: 'out_of_money' },
  { kind: 'unauthorized' },
  { kind: 'context_length' },
  { kind: 'stall', afterTokens: 0 },
  { kind: 'cut', afterTokens: 0 },
  { kind: 'malformed', afterTokens: 0 },
  { kind: 'empty' },
  { kind: 'error_body' },
])('%j at OpenAI: Anthropic answers', async (action) => {
  stops.push(openai.misbehave({ action }));
  const { done, attempts, logged } = await ask();
  expect(done).toMatchObject({ type: 'done', model: 'claude', text: `You said: ${QUESTION}` });
  expect(attempts.at(-1)).toMatchObject({ model: 'claude', status: 'success', endpoint: new URL(anthropic.url).host });
  expect(logged).toHaveLength(attempts.length - 1);
  for (const secret of [...KEYS, 'sk-ant', QUESTION]) expect(JSON.stringify([attempts, logged])).not.toContain(secret);
});

test('one bad key of two: the other one answers', async () => {
  stops.push(openai.misbehave({ keyIndex: 0, action: { kind: 'unauthorized' } }));
  const { done, attempts } = await ask();
  expect(done).toMatchObject({ model: 'gpt', attempts: 2 });
  expect(attempts.map(({ keyIndex, status }) => [keyIndex, status])).toEqual([
    [0, 'failed'],
    [1, 'success'],
  ]);
});

test('a flapping model answers again as soon as it can', async () => {
  stops.push(openai.misbehave({ times: 1, action: { kind: 'overloaded' } }));
  expect((await ask()).done).toMatchObject({ model: 'claude' });
  expect((await ask()).done).toMatchObject({ model: 'gpt', attempts: 1 });
});

test('a stream that breaks after text was shown is an error, not a second answer', async () => {
  stops.push(openai.misbehave({ action: { kind: 'malformed', afterTokens: 3 } }));
  const before = anthropic.requests.length;
  await expect(ask()).rejects.toMatchObject({ code: 'model_bad_response' });
  expect(anthropic.requests).toHaveLength(before);
});
