import {
  type SimChatRequest,
  type SimReply,
  startAnthropicSimulator,
  startOpenAiSimulator,
} from '@parley/simulators/models';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { startHub, type TestHub, until } from '../support/index.ts';
import { weatherReply } from '../support/tools.ts';

/** OpenAI's client through the hub onto either protocol: tools, caches, and personal data in what tools are given. */
const cleanup = createCleanup();
const models: Record<string, Awaited<ReturnType<typeof startOpenAiSimulator>>> = {};
let hub: TestHub;

const KEY = 'key-of-acme-for-tests';
const CARD = '4111 1111 1111 1111';
const MANUAL = 'A rule that everybody has to know by heart. '.repeat(200);
/** USD per million tokens; what comes from a cache costs a tenth, what is written to it a quarter more. */
const PRICE = { input: 1000, output: 0, cached_input: 100, cache_write: 1250 };

beforeAll(async () => {
  const options = { reply: (request: SimChatRequest) => badly(weatherReply(request)), promptCache: true };
  models.gpt = cleanup.add(await startOpenAiSimulator(options));
  models.claude = cleanup.add(await startAnthropicSimulator(options));
  const config = {
    version: 1,
    tenants: [
      { id: 'acme', models: ['gpt', 'claude'] },
      { id: 'gpt-costs', models: ['gpt'] },
      { id: 'claude-costs', models: ['claude'] },
    ],
    models: Object.entries({ gpt: 'openai', claude: 'anthropic' }).map(([id, provider]) => ({
      id,
      provider,
      endpoints: [{ base_url: models[id]?.url }],
      keys: ['sk-sim'],
      price: PRICE,
    })),
    guard: [{ tenant: 'acme', mask: ['credit_card'], block_keywords: ['moonshine'], patterns: [QUOTED] }],
    api_keys: ['acme', 'gpt-costs', 'claude-costs'].map((tenant) => ({
      id: tenant,
      tenant,
      key: KEY.replace('acme', tenant),
    })),
  };
  hub = cleanup.add(await startHub({ config }));
});
afterAll(() => cleanup.run());

/** A model that calls a certain place by a word that is forbidden. */
function badly({ toolCalls, ...reply }: SimReply): SimReply {
  const renamed = toolCalls?.map((call) => JSON.parse(JSON.stringify(call).replace('nowhere', 'moonshine')));
  return renamed ? { ...reply, toolCalls: renamed } : reply;
}

/** A value that has to be escaped inside of JSON. */
const QUOTED = { name: 'nickname', regex: '"\\w+"' };

const client = (tenant = 'acme') =>
  new OpenAI({ apiKey: KEY.replace('acme', tenant), baseURL: `${hub.url}/v1`, maxRetries: 0 });
const tools = [
  {
    type: 'function' as const,
    function: { name: 'weather', description: 'The weather somewhere', parameters: { type: 'object' } },
  },
];
const ask = (content: string) => [{ role: 'user' as const, content }];
const argumentsOf = (message: OpenAI.ChatCompletionMessage | undefined) =>
  (message?.tool_calls ?? []).map((call) => (call.type === 'function' ? JSON.parse(call.function.arguments) : call));
const lastSeen = (model: string) => JSON.stringify(models[model]?.requests.at(-1)?.body);

describe.each(['gpt', 'claude'])('%s', (model) => {
  const create = (messages: OpenAI.ChatCompletionMessageParam[]) =>
    client().chat.completions.create({ model, messages, tools });
  const stream = (messages: OpenAI.ChatCompletionMessageParam[]) =>
    client().chat.completions.stream({ model, messages, tools }).finalChatCompletion();

  test.each([
    ['plain', create],
    ['streaming', stream],
  ])('%s: calls tools, is told what they said, and answers', async (_how, complete) => {
    const first = (await complete(ask('weather in Oslo and Rome'))).choices[0];
    expect(first).toMatchObject({ finish_reason: 'tool_calls', message: { role: 'assistant' } });
    expect(first?.message.content || null).toBeNull();
    expect(argumentsOf(first?.message)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }]);
    const calls = first?.message.tool_calls ?? [];
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    const results = calls.map(({ id }, i) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: ['rain', 'sun'][i] ?? '',
    }));
    const messages = [
      ...ask('weather in Oslo and Rome'),
      { role: 'assistant' as const, tool_calls: calls },
      ...results,
    ];
    const second = (await complete(messages)).choices[0];
    expect(second).toMatchObject({ finish_reason: 'stop', message: { content: 'rain, sun' } });
  });

  test('a choice of tools is passed on', async () => {
    const choice = { type: 'function' as const, function: { name: 'weather' } };
    await client().chat.completions.create({ model, messages: ask('weather in Bonn'), tools, tool_choice: choice });
    expect(lastSeen(model)).toContain(
      model === 'gpt' ? '"tool_choice":{"type":"function"' : '"tool_choice":{"type":"tool"',
    );
  });

  test.each([
    ['plain', create],
    ['streaming', stream],
  ])('%s: personal data goes to the tool, and not to the model', async (_how, complete) => {
    const question = `weather in ${CARD} and "Bobby"`;
    const first = (await complete(ask(question))).choices[0]?.message;
    expect(argumentsOf(first)).toEqual([{ city: CARD }, { city: '"Bobby"' }]);
    expect(lastSeen(model)).not.toMatch(/4111|Bobby/);

    const calls = first?.tool_calls ?? [];
    const results = calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: `sun over ${CARD}` }));
    const second = await complete([...ask(question), { role: 'assistant', tool_calls: calls }, ...results]);
    expect(second.choices[0]?.message.content).toBe(`sun over ${CARD}, sun over ${CARD}`);
    expect(lastSeen(model)).not.toMatch(/4111|Bobby/);
  });

  test('a number in the arguments is masked too, and they stay JSON', async () => {
    const call = { id: 'call_1', type: 'function' as const };
    const args = '{"card": 4111111111111111, "id": 12345678901234567890, "ok": [true, 1.5e3]}';
    await create([
      ...ask('weather in Bonn'),
      { role: 'assistant', tool_calls: [{ ...call, function: { name: 'weather', arguments: args } }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'sun' },
    ]);
    expect(lastSeen(model)).not.toContain('4111');
    expect(lastSeen(model)).toContain('CREDIT_CARD_1');
  });

  test('a forbidden word that the model hands to a tool is refused', async () => {
    await expect(create(ask('weather in Oslo and nowhere'))).rejects.toMatchObject({ status: 403, code: 'blocked' });
    expect(lastSeen(model)).toContain('nowhere');
    await expect(stream(ask('weather in nowhere'))).rejects.toThrow('not allowed');
  });

  test('what comes from the cache of the provider is told, and costs less', async () => {
    const tenant = `${model}-costs`;
    const spent = () => metric(hub.url, 'parley_cost_usd_total', { tenant });
    const complete = async (content: string) => {
      const before = await spent();
      const { usage } = await client(tenant).chat.completions.create({
        model,
        messages: [{ role: 'system', content: MANUAL }, ...ask(content)],
      });
      const cost = await until('the bill', async () => (await spent()) - before);
      return { usage, cost };
    };
    const [first, second] = [await complete('one'), await complete('two')];
    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const cached = second.usage?.prompt_tokens_details?.cached_tokens ?? 0;
    const prompt = second.usage?.prompt_tokens ?? 0;
    expect(cached).toBeGreaterThan(2000);
    expect(second.cost).toBeCloseTo(((prompt - cached) * PRICE.input + cached * PRICE.cached_input) / 1e6, 3);
    expect(second.cost).toBeLessThan(first.cost / 5);
  });
});
