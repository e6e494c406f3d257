import Anthropic from '@anthropic-ai/sdk';
import { startAnthropicSimulator, startOpenAiSimulator } from '@parley/simulators/models';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { weatherReply } from '../support/tools.ts';

/** The simulated model APIs as their official clients see them: tool calls and prompt caches. */
let openai: Awaited<ReturnType<typeof startOpenAiSimulator>>;
let anthropic: Awaited<ReturnType<typeof startAnthropicSimulator>>;

beforeAll(async () => {
  openai = await startOpenAiSimulator({ reply: weatherReply, promptCache: true });
  anthropic = await startAnthropicSimulator({ reply: weatherReply, promptCache: true });
});
afterAll(() => Promise.all([openai.close(), anthropic.close()]));

/** Long enough for either API to keep it. */
const MANUAL = 'A rule that everybody has to know by heart. '.repeat(200);

describe("OpenAI's client", () => {
  const client = () => new OpenAI({ apiKey: 'sk', baseURL: openai.url, maxRetries: 0 });
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }];
  const question = { role: 'user' as const, content: 'weather in Oslo and Rome' };

  test('gets calls of tools, whole and streamed, and an answer to their results', async () => {
    const base = { model: 'sim', messages: [question], tools };
    const whole = (await client().chat.completions.create(base)).choices[0];
    expect(whole?.finish_reason).toBe('tool_calls');
    const streamed = await client().chat.completions.stream(base).finalChatCompletion();
    const calls = whole?.message.tool_calls ?? [];
    const plain = (all: typeof calls) =>
      all.map((call) => (call.type === 'function' ? [call.function.name, JSON.parse(call.function.arguments)] : []));
    expect(plain(calls)).toEqual([
      ['weather', { city: 'Oslo' }],
      ['weather', { city: 'Rome' }],
    ]);
    expect(plain(streamed.choices[0]?.message.tool_calls ?? [])).toEqual(plain(calls));

    const results = calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'sunny' }));
    const asked = [question, { role: 'assistant' as const, tool_calls: calls }];
    const last = await client().chat.completions.create({ ...base, messages: [...asked, ...results] });
    expect(last.choices[0]?.message.content).toBe('sunny, sunny');
    const unanswered = client().chat.completions.create({ ...base, messages: [...asked, question] });
    await expect(unanswered).rejects.toMatchObject({ status: 400 });
  });

  test('hears how much of a prompt came from the cache', async () => {
    const ask = async (content: string) => {
      const messages = [
        { role: 'system' as const, content: MANUAL },
        { role: 'user' as const, content },
      ];
      return (await client().chat.completions.create({ model: 'sim', messages })).usage;
    };
    const first = await ask('one');
    expect(first?.prompt_tokens_details?.cached_tokens).toBe(0);
    const second = await ask('two');
    expect(second?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(2000);
    expect(second?.prompt_tokens).toBe(first?.prompt_tokens);
  });
});

describe("Anthropic's client", () => {
  const client = () => new Anthropic({ apiKey: 'sk', baseURL: anthropic.url, maxRetries: 0 });
  const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }];
  const question = { role: 'user' as const, content: 'weather in Oslo and Rome' };

  test('gets calls of tools, whole and streamed, and an answer to their results', async () => {
    const base = { model: 'sim', max_tokens: 100, messages: [question], tools };
    const whole = await client().messages.create(base);
    expect(whole.stop_reason).toBe('tool_use');
    const streamed = await client().messages.stream(base).finalMessage();
    const calls = whole.content.filter((block) => block.type === 'tool_use');
    const inputs = [{ city: 'Oslo' }, { city: 'Rome' }];
    expect(calls.map(({ input }) => input)).toEqual(inputs);
    expect(streamed.content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : []))).toEqual(inputs);

    const content = calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'sunny' }));
    const asked = [question, { role: 'assistant' as const, content: whole.content }];
    const last = await client().messages.create({ ...base, messages: [...asked, { role: 'user', content }] });
    expect(last.content).toMatchObject([{ type: 'text', text: 'sunny, sunny' }]);
    const unanswered = client().messages.create({ ...base, messages: [...asked, question] });
    await expect(unanswered).rejects.toMatchObject({ status: 400 });
  });

  test('hears what was written to the cache, and read from it', async () => {
    const ask = async (content: string, cached: boolean) => {
      const cache_control = cached ? { cache_control: { type: 'ephemeral' as const } } : {};
      const system = [{ type: 'text' as const, text: MANUAL, ...cache_control }];
      const messages = [{ role: 'user' as const, content }];
      return (await client().messages.create({ model: 'sim', max_tokens: 100, system, messages })).usage;
    };
    expect(await ask('none', false)).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 });
    const written = await ask('one', true);
    expect(written.cache_creation_input_tokens).toBeGreaterThan(2000);
    expect(await ask('two', true)).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: written.cache_creation_input_tokens,
      input_tokens: written.input_tokens,
    });
  });
});
