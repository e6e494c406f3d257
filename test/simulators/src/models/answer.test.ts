import { type AnswerEvent, answer, type ModelAttempt } from '@parley/core/chat';
import { type ModelConfig, modelSchema, tenantSchema } from '@parley/core/config';
import { createPool, type Pool } from '@parley/core/pool';
import { createProviders } from '@parley/core/provider';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startAnthropicSimulator, startOpenAiSimulator } from './index.ts';
import type { FaultAction, ModelSimulator } from './types.ts';

const KEYS = ['sk-openai-first', 'sk-openai-second'];
const QUESTION = 'what is the secret of the universe?';
const providers = createProviders();
let openai: ModelSimulator;
let anthropic: ModelSimulator;
const stops: (() => void)[] = [];
const silent = createLogger('silent');
let pool: Pool;

beforeEach(() => {
  pool = createPool({ logger: silent, random: () => 0.5 });
});

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
      chain: configs.filter(({ id }) => tenantModels.includes(id)),
      affinity: 'conversation',
      deadlineAt: Date.now() + 10_000,
      signal: new AbortController().signal,
    },
    {
      pool,
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
  expect(logged.length).toBeGreaterThanOrEqual(attempts.length - 1);
  for (const secret of [...KEYS, 'sk-ant', QUESTION]) expect(JSON.stringify([attempts, logged])).not.toContain(secret);
});

test('one bad key of two: the other one answers', async () => {
  // Whichever key this conversation belongs to is the bad one.
  const own = (await ask()).attempts[0]?.keyIndex ?? 0;
  stops.push(openai.misbehave({ keyIndex: own, action: { kind: 'unauthorized' } }));
  const { done, attempts } = await ask();
  expect(done).toMatchObject({ model: 'gpt', attempts: 2 });
  expect(attempts.map(({ keyIndex, status }) => [keyIndex, status])).toEqual([
    [own, 'failed'],
    [1 - own, 'success'],
  ]);
  // It is not gone back to until somebody has changed it.
  expect((await ask()).attempts.map(({ keyIndex }) => keyIndex)).toEqual([1 - own]);
});

test('a flapping model answers again as soon as it can', async () => {
  stops.push(openai.misbehave({ times: 1, action: { kind: 'overloaded' } }));
  expect((await ask()).done).toMatchObject({ model: 'claude' });
  expect((await ask()).done).toMatchObject({ model: 'gpt', attempts: 1 });
});

test.each<FaultAction>([
  { kind: 'malformed', afterTokens: 3 },
  { kind: 'cut', afterTokens: 4 },
  { kind: 'stall', afterTokens: 3 },
  { kind: 'error_in_stream', afterTokens: 4 },
  { kind: 'no_finish' },
])('a stream that breaks with %j after text was shown is gone on with by the next model', async (action) => {
  stops.push(openai.misbehave({ action }));
  const { done, attempts } = await ask();
  const text = (done as Extract<AnswerEvent, { type: 'done' }>).text;
  expect(text.startsWith('You said')).toBe(true);
  // The one that goes on is told what is there already.
  const asked = anthropic.requests.at(-1)?.chat?.messages ?? [];
  expect(asked.at(-2)).toMatchObject({ role: 'assistant' });
  expect(text.startsWith(asked.at(-2)?.content ?? '?')).toBe(true);
  expect(done).toMatchObject({ model: 'claude', usage: { estimated: true } });
  // What had come before it broke off has to be paid for.
  expect(attempts[0]).toMatchObject({ status: 'failed', usage: { estimated: true, outputTokens: expect.any(Number) } });
});

test('a failed attempt without text costs nothing', async () => {
  stops.push(openai.misbehave({ action: { kind: 'overloaded' } }));
  const { done, attempts } = await ask();
  expect(attempts[0]).toMatchObject({ status: 'failed', usage: undefined });
  expect((done as Extract<AnswerEvent, { type: 'done' }>).usage).toEqual(attempts.at(-1)?.usage);
});
