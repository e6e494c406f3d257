import { describe, expect, test } from 'vitest';
import { modelSchema, tenantSchema } from '../config/index.ts';
import type { ChatMessage } from '../provider/types.ts';
import { estimateUsage } from '../provider/usage.ts';
import { contextTokens } from './context.ts';
import { buildPrompt, estimatePromptTokens } from './prompt.ts';
import type { AnswerRequest } from './types.ts';

const turns = (count: number): ChatMessage[] =>
  Array.from({ length: count }, (_, turn): ChatMessage[] => [
    { role: 'user', content: `question ${turn}: ${'word '.repeat(100)}` },
    { role: 'assistant', content: `answer ${turn}: ${'word '.repeat(100)}` },
  ]).flat();

const request = (over: Partial<AnswerRequest> = {}): AnswerRequest => ({
  requestId: 'r',
  tenant: tenantSchema.parse({ id: 't', system_prompt: 'Be brief.' }),
  history: turns(5),
  question: 'And now?',
  chain: [],
  affinity: 'c',
  deadlineAt: 0,
  signal: new AbortController().signal,
  ...over,
});
const model = (over: object = {}) => modelSchema.parse({ id: 'gpt-4o', provider: 'openai', keys: ['k'], ...over });

test('system prompt, the whole history, the question', async () => {
  const prompt = await buildPrompt(request({ temperature: 0.3 }), model(), false);
  expect(prompt.system).toBe('Be brief.');
  expect(prompt.messages).toEqual([...turns(5), { role: 'user', content: 'And now?' }]);
  expect(prompt).toMatchObject({ maxOutputTokens: 1024, temperature: 0.3 });
});

test('the oldest turns go when the context is too small', async () => {
  // About 105 tokens a message: three turns need some 630 of the 900 - 100 that are left.
  const prompt = await buildPrompt(request(), model({ context_tokens: 1000, max_output_tokens: 100 }), false);
  expect(prompt.messages).toEqual([...turns(5).slice(4), { role: 'user', content: 'And now?' }]);
});

test('the newer half starts with a question', async () => {
  const prompt = await buildPrompt(request(), model(), true);
  expect(prompt.messages).toEqual([...turns(5).slice(6), { role: 'user', content: 'And now?' }]);
  const single = await buildPrompt(request({ history: turns(1) }), model(), true);
  expect(single.messages).toHaveLength(1);
});

test('a question that is too long alone still goes out, without history', async () => {
  const question = 'word '.repeat(2000);
  const prompt = await buildPrompt(request({ question }), model({ context_tokens: 1000 }), false);
  expect(prompt.messages).toEqual([{ role: 'user', content: question }]);
});

test('the asker may ask for less output, not for more', async () => {
  expect((await buildPrompt(request({ maxOutputTokens: 10 }), model(), false)).maxOutputTokens).toBe(10);
  expect((await buildPrompt(request({ maxOutputTokens: 9999 }), model(), false)).maxOutputTokens).toBe(1024);
});

test.each([
  [{ context_tokens: 5000 }, 5000],
  [{ id: 'x', model: 'gpt-4o-mini' }, 128_000],
  [{ id: 'gpt-4' }, 8192],
  [{ id: 'claude', provider: 'anthropic', model: 'claude-sonnet-4-5' }, 200_000],
  [{ id: 'gpt-4o', provider: 'ollama' }, 4096],
  [{ id: 'something-new' }, 16_000],
])('context of %j is %i', (over, tokens) => {
  expect(contextTokens(model(over))).toBe(tokens);
});

describe('the estimate of a prompt', () => {
  const plain = { tenant: tenantSchema.parse({ id: 't' }), history: [], question: 'And now?' };
  const long = 'word '.repeat(500);
  const called: ChatMessage[] = [
    { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'look', arguments: JSON.stringify({ long }) }] },
  ];

  test.each<[string, Partial<Parameters<typeof estimatePromptTokens>[0]>]>([
    ["the tenant's system prompt", { tenant: tenantSchema.parse({ id: 't', system_prompt: long }) }],
    ["the caller's", { system: long }],
    ['the history', { history: [{ role: 'user', content: long }] }],
    ['what tools were called with', { history: called }],
    ['what they answered', { history: [{ role: 'tool', content: long, toolCallId: '1' }] }],
    ['the tools', { extras: { tools: [{ name: 'look', description: long }] } }],
    ['the shape of the answer', { extras: { responseFormat: { type: 'json_schema', jsonSchema: { long } } } }],
    ['a picture', { images: [{ url: 'https://example.com/a.png' }] }],
    ['a picture of before', { history: [{ role: 'user', content: 'see', images: [{ url: 'data:' }] }] }],
  ])('leaves out nothing: %s', async (_what, over) => {
    for (const exact of [true, false]) {
      const more =
        (await estimatePromptTokens({ ...plain, ...over }, exact)) - (await estimatePromptTokens(plain, exact));
      expect(more).toBeGreaterThanOrEqual(500);
    }
  });

  test('is what a broken-off answer is charged for', async () => {
    const request = { messages: [...called, { role: 'user' as const, content: 'And now?' }] };
    expect((await estimateUsage(request, 'yes')).inputTokens).toBeGreaterThan(500);
  });
});
