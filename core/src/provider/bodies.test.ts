import { expect, test } from 'vitest';
import { modelSchema } from '../config/index.ts';
import { toParleyError } from '../errors/index.ts';
import { bodyOf as anthropicBody } from './anthropic-body.ts';
import { complete, type Part } from './complete.ts';
import { bodyOf as openAiBody } from './openai-body.ts';
import type { ModelEvent, ModelRequest } from './types.ts';

const call = { model: modelSchema.parse({ id: 'm', provider: 'openai' }), signal: new AbortController().signal };
const dialect = { limitField: 'max_tokens', reportsUsage: true } as const;

const talk: ModelRequest = {
  system: 'Be brief.',
  messages: [
    {
      role: 'user',
      content: 'look',
      images: [{ url: 'data:image/png;base64,AAAA' }, { url: 'https://pictures.example/a.png' }],
    },
    { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'find', arguments: '{"q":1}' }] },
    { role: 'tool', content: 'found', toolCallId: 'c1' },
    { role: 'user', content: 'and now?' },
  ],
  extras: {
    tools: [{ name: 'find', description: 'Finds', parameters: { properties: { q: { type: 'number' } } } }],
    toolChoice: 'required',
    stop: ['END'],
    topP: 0.5,
  },
};

test("OpenAI's words", () => {
  expect(openAiBody(talk, call, dialect)).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"q":1}' } }],
      },
      { role: 'tool', content: 'found', tool_call_id: 'c1' },
      { role: 'user', content: 'and now?' },
    ],
    tools: [{ type: 'function', function: { name: 'find' } }],
    tool_choice: 'required',
    stop: ['END'],
    top_p: 0.5,
  });
});

test('what nobody asked for is not sent', () => {
  const plain = openAiBody({ messages: [{ role: 'user', content: 'hi' }] }, call, dialect);
  expect(Object.keys(plain).sort()).toEqual(['max_tokens', 'messages', 'model', 'stream', 'stream_options']);
});

test("Anthropic's words: tools, results beside the question, pictures by their source", () => {
  expect(anthropicBody(talk, call)).toMatchObject({
    system: 'Be brief.',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { type: 'url', url: 'https://pictures.example/a.png' } },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'find', input: { q: 1 } }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: 'found' },
          { type: 'text', text: 'and now?' },
        ],
      },
    ],
    tools: [{ name: 'find', input_schema: { type: 'object', properties: { q: { type: 'number' } } } }],
    tool_choice: { type: 'any' },
    stop_sequences: ['END'],
  });
  const json: ModelRequest = { messages: talk.messages, extras: { responseFormat: { type: 'json_object' } } };
  expect(() => anthropicBody(json, call)).toThrow(/response_format/);
});

test('a long prefix that stays the same is marked for the prompt cache, the question never', () => {
  const long = 'word '.repeat(2_000);
  const body = anthropicBody(
    {
      system: long,
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
    },
    call,
  );
  expect(body.system).toEqual([{ type: 'text', text: long, cache_control: { type: 'ephemeral' } }]);
  expect(body.messages).toEqual([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral' } }] },
    { role: 'user', content: 'c' },
  ]);
  expect(
    JSON.stringify(anthropicBody({ system: 'short', messages: [{ role: 'user', content: 'a' }] }, call)),
  ).not.toContain('cache');
});

test('tool calls without a text are an answer', async () => {
  async function* parts(): AsyncGenerator<Part> {
    yield { toolCalls: [{ index: 0, id: 'c1', name: 'find', arguments: '' }] };
    yield { toolCalls: [{ index: 0, arguments: '{"q":1}' }] };
    yield { end: 'tool_calls', usage: { inputTokens: 1, outputTokens: 2, cachedInputTokens: 0 } };
  }
  const reading = { partOf: (part: Part) => part, errorOf: toParleyError };
  const events: ModelEvent[] = [];
  for await (const event of complete(parts(), { messages: [] }, reading)) events.push(event);
  expect(events).toMatchObject([
    { type: 'tool_call', index: 0, id: 'c1', name: 'find' },
    { type: 'tool_call', index: 0, arguments: '{"q":1}' },
    { type: 'finish', reason: 'tool_calls' },
  ]);
});
