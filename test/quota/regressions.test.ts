import { startAnthropicSimulator } from '@parley/simulators/models';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { createWorld, startHub, startPostgres, startRedis, type TestHub, until, type World } from '../support/index.ts';

/**
 * What hurt somebody elsewhere, played against a whole hub with a price on every token. Here too belong: a double
 * settlement (`quota.test.ts`), cached tokens at full price (`../api/tools.test.ts`), an unbounded cache
 * (`../cache/answers.test.ts`).
 */
const cleanup = createCleanup();
let world: World;
let second: Awaited<ReturnType<typeof startAnthropicSimulator>>;
let hub: TestHub;
let redis: Redis;
let env: Record<string, string>;

/** A tenth of a cent a token, so that every token is seen in the bill; micro-dollars a token. */
const PRICE = { input: 1000, output: 1000 };
const MICRO_USD = 1000;
const KEYS = { good: 'sk-good-key-of-the-model', bad: 'sk-bad-key-of-the-model', claude: 'sk-ant-key-of-the-model' };
const REPLY = 'one two three four five six seven eight nine ten';

/** Each test has a tenant of its own, and so a budget. */
const TENANTS: Record<string, object> = {
  crowd: { budget: { monthly_usd: 0.4 } },
  first: { budget: { monthly_usd: 0.2 } },
  leaver: { budget: { monthly_usd: 10 } },
  'error-text': { budget: { monthly_usd: 10 } },
  'no-usage': { budget: { monthly_usd: 10 } },
  failed: { budget: { monthly_usd: 10 }, models: ['gpt', 'claude'] },
  broke: { budget: { monthly_usd: 0.001 } },
  rich: {},
  midway: { models: ['gpt', 'claude'] },
  'two-keys': { models: ['pooled'] },
  tools: { budget: { monthly_usd: 1 } },
};

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply: () => REPLY, keys: [KEYS.good] } }));
  second = cleanup.add(await startAnthropicSimulator({ reply: () => ' and so on', keys: [KEYS.claude] }));
  const server = cleanup.add(await startRedis());
  const postgres = cleanup.add(await startPostgres());
  env = {
    REDIS_URL: server.url,
    DATABASE_URL: postgres.url,
    PARLEY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  redis = new Redis({ path: server.url.replace('unix://', '') });
  cleanup.add({ stop: async () => redis.disconnect() });
  const endpoints = [{ base_url: world.openai.url }];
  const gpt = { provider: 'openai', endpoints, price: PRICE, max_output_tokens: 1024 };
  hub = cleanup.add(
    await startHub({
      env,
      config: {
        version: 1,
        tenants: Object.entries(TENANTS).map(([id, tenant]) => ({ id, models: ['gpt'], ...tenant })),
        models: [
          { id: 'gpt', ...gpt, keys: [KEYS.good] },
          { id: 'pooled', ...gpt, keys: [KEYS.bad, KEYS.good] },
          {
            id: 'claude',
            provider: 'anthropic',
            endpoints: [{ base_url: second.url }],
            keys: [KEYS.claude],
            price: PRICE,
          },
        ],
        api_keys: Object.keys(TENANTS).map((tenant) => ({ id: `${tenant}-key`, tenant, key: keyOf(tenant) })),
      },
    }),
  );
});
afterAll(() => cleanup.run());

const keyOf = (tenant: string) => `api-key-of-tenant-${tenant}`;
const client = (tenant: string) =>
  new OpenAI({ apiKey: keyOf(tenant), baseURL: `${hub.url}/v1`, maxRetries: 0 }).chat.completions;
const question = (content = 'hello') => ({ model: 'auto', messages: [{ role: 'user' as const, content }] });

/** All that is counted against the budget: what was spent, and what is reserved. Micro-dollars. */
async function counted(tenant: string): Promise<number> {
  const response = await fetch(`${hub.url}/v1/quota`, { headers: { authorization: `Bearer ${keyOf(tenant)}` } });
  const { limits } = (await response.json()) as { limits: { unit: string; used: number }[] };
  return Math.round((limits.find(({ unit }) => unit === 'usd')?.used ?? -1) * 1_000_000);
}

const held = (tenant: string) => redis.hlen(`parley:{t:${tenant}}:holds`);
const settled = (tenant: string) => until(`no hold of ${tenant}`, async () => (await held(tenant)) === 0);

test('overspend under concurrency', async () => {
  const asked = Array.from({ length: 80 }, () =>
    client('crowd')
      .create({ ...question(), max_tokens: 40 })
      .then(
        () => 'answered',
        (error) => error.code,
      ),
  );
  const outcomes = new Set(await Promise.all(asked));
  expect([...outcomes].sort()).toEqual(['answered', 'budget_exceeded']);
  await settled('crowd');
  const spent = await counted('crowd');
  expect(spent).toBeGreaterThan(0);
  expect(spent).toBeLessThanOrEqual(400_000);
});

test('what is left is told as it is', async () => {
  const response = await fetch(`${hub.url}/v1/quota`, { headers: { authorization: `Bearer ${keyOf('tools')}` } });
  expect(await response.json()).toEqual({
    limits: [
      {
        level: 'tenant',
        window: 'month',
        unit: 'usd',
        limit: 1,
        used: 0,
        remaining: 1,
        reset_at: expect.stringMatching(/^\d{4}-\d\d-01T00:00:00\.000Z$/),
      },
    ],
  });
});

test('first call refused when max_tokens is absent', async () => {
  // The model's own maximum would cost five times the budget: the answer is bounded by what is left instead.
  const answer = await client('first').create(question());
  expect(answer.choices[0]?.message.content).toBe(REPLY);
  expect(world.openai.requests.at(-1)?.chat?.maxTokens).toBeLessThan(200);
});

test('hold leaked on disconnect; disconnect billed zero', async () => {
  const stop = world.openai.misbehave({ times: 1, action: { kind: 'stall', afterTokens: 6 } });
  const stream = await client('leaver').create({ ...question(), stream: true });
  let seen = '';
  for await (const { choices } of stream) {
    seen += choices[0]?.delta.content ?? '';
    if (seen.length >= 24) break; // six of the simulator's tokens; the client closes the connection
  }
  await settled('leaver');
  stop();
  expect(REPLY.startsWith(seen)).toBe(true);
  // One token for "hello" and what a message costs besides, and the words that had come: 24 characters.
  const spent = (await counted('leaver')) / MICRO_USD;
  expect(spent).toBeGreaterThanOrEqual(1 + 4);
  expect(spent).toBeLessThan(40);
  const line = await until('the log line', () => hub.logs.find(({ tenant, status }) => tenant === 'leaver' && status));
  expect(line).toMatchObject({ cost_usd: spent / 1000, tokens_out: expect.any(Number) });
  expect(line.tokens_out).toBeGreaterThan(0);
});

test('error text billed', async () => {
  const spent = async () => {
    await settled('error-text');
    return (await counted('error-text')) / MICRO_USD;
  };
  for (const action of [{ kind: 'error_body' }, { kind: 'overloaded' }, { kind: 'unauthorized' }] as const) {
    const stop = world.openai.misbehave({ action });
    const error = await client('error-text')
      .create(question())
      .catch((thrown) => thrown);
    stop();
    expect(error).toMatchObject({ status: 503, code: 'no_model_available' });
    expect(await spent()).toBe(0);
  }
});

test('usage missing in streams', async () => {
  const stop = world.openai.misbehave({ times: 1, action: { kind: 'no_usage' } });
  // The key of this model was refused above, and rests for a moment.
  const answer = await client('no-usage').create(question());
  stop();
  await settled('no-usage');
  const spent = (await counted('no-usage')) / MICRO_USD;
  expect(answer.usage?.completion_tokens).toBeGreaterThanOrEqual(10);
  expect(spent).toBe(answer.usage?.total_tokens);
});

test('failed attempts billed', async () => {
  const stop = world.openai.misbehave({ times: 1, action: { kind: 'rate_limit', retryAfterMs: 100 } });
  const answer = await client('failed').create(question());
  stop();
  expect(answer.model).toBe('claude');
  await settled('failed');
  expect((await counted('failed')) / MICRO_USD).toBe(answer.usage?.total_tokens);
});

test('budget refusal tripping the breaker', async () => {
  for (let i = 0; i < 25; i++) {
    const refused = await client('broke')
      .create(question(`question ${i}, for which there is no money`))
      .catch((error) => error);
    expect(refused).toMatchObject({ status: 429, code: 'budget_exceeded' });
  }
  const { response } = await client('rich').create(question()).withResponse();
  expect(response.headers.get('x-parley-attempts')).toBe('1');
  expect(await metric(hub.url, 'parley_breaker_state', { model: 'gpt' })).toBe(0);
});

test('fallback not fired on 429 in mid-stream', async () => {
  const action = { kind: 'error_in_stream', afterTokens: 5, error: 'rate_limit' } as const;
  const stop = world.openai.misbehave({ times: 1, action });
  const stream = await client('midway').create({ ...question(), stream: true });
  let text = '';
  const ends = [];
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? '';
    if (choices[0]?.finish_reason) ends.push(choices[0].finish_reason);
  }
  stop();
  expect(text).toBe(`${REPLY.slice(0, 20)} and so on`);
  expect(ends).toEqual(['stop']);
});

test('return to a bad key', async () => {
  const before = world.openai.requests.length;
  for (let i = 0; i < 12; i++) await client('two-keys').create(question(`of conversation ${i}`));
  const used = world.openai.requests.slice(before).map(({ keyIndex }) => keyIndex);
  expect(used.filter((index) => index === 0)).toHaveLength(12);
  expect(used.filter((index) => index === undefined).length).toBeLessThanOrEqual(1);
});

test('prompt understated', async () => {
  const before = world.openai.requests.length;
  const long = 'word '.repeat(2_000);
  const call = { id: '1', type: 'function' as const, function: { name: 'look', arguments: JSON.stringify({ long }) } };
  const prompts: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>[] = [
    { messages: [{ role: 'system', content: long }, ...question().messages] },
    { messages: [{ role: 'user', content: long }, { role: 'assistant', content: 'yes' }, ...question().messages] },
    {
      messages: [
        ...question().messages,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: '1', content: 'seen' },
      ],
    },
    { tools: [{ type: 'function', function: { name: 'look', description: long.slice(0, 9_000) } }] },
    { response_format: { type: 'json_schema', json_schema: { name: 'shape', schema: { description: long } } } },
    {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }],
    },
  ];
  for (const prompt of prompts) {
    const refused = await client('tools')
      .create({ ...question(), ...prompt })
      .catch((error) => error);
    expect(refused, JSON.stringify(prompt).slice(0, 100)).toMatchObject({ status: 429, code: 'budget_exceeded' });
  }
  expect(world.openai.requests.length).toBe(before);
});

test('key in a log, an audit row, an error or a URL', async () => {
  const secrets = [...Object.values(KEYS), ...Object.keys(TENANTS).map(keyOf)];
  const wrong = 'wrong-key-of-a-stranger';
  const errors: string[] = [];
  for (const key of [...secrets.slice(0, 3), wrong]) {
    for (const authorization of [`Bearer ${key}`, `Basic ${key}`, key]) {
      const response = await fetch(`${hub.url}/v1/models`, { headers: { authorization } });
      expect(response.status).toBe(401);
      errors.push(JSON.stringify([await response.json(), [...response.headers]]));
    }
  }
  const logged = JSON.stringify(hub.logs) + hub.stderr();
  expect(logged).toContain('model attempt failed');
  const urls = JSON.stringify([...world.openai.requests, ...second.requests].map(({ path }) => path));
  const exported = await Promise.all(
    ['broke', 'error-text'].map((tenant) => runCommand(['audit', 'export', '--tenant', tenant], hub.dataDir, env)),
  );
  const audit = exported.map(({ stdout }) => stdout).join('\n');
  expect(audit).toContain('turn:denied');
  const kept = JSON.stringify(await dump());
  for (const secret of [...secrets, wrong]) {
    for (const [where, text] of Object.entries({ logged, urls, audit, errors: errors.join('\n'), kept })) {
      expect(text, `${secret} in ${where}`).not.toContain(secret);
    }
  }
});

/** All that Redis knows, keys and values; readable, because not compressed. */
async function dump(): Promise<unknown[]> {
  await redis.config('SET', 'rdbcompression', 'no');
  const names = await redis.keys('*');
  return Promise.all(names.map(async (name) => [name, (await redis.dumpBuffer(name))?.toString('latin1')]));
}
