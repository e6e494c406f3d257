import { createHmac } from 'node:crypto';
import { startAnthropicSimulator } from '@parley/simulators/models';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';

/** The chat API from outside: the official client, and plain HTTP for what it does not know. */
const cleanup = createCleanup();
let world: World;
let claude: Awaited<ReturnType<typeof startAnthropicSimulator>>;
let hub: TestHub;

const KEY = 'key-of-acme-for-tests';
const OTHER = 'key-of-globex-for-tests';
const SIGNED = 'key-that-needs-signatures';
const LIMITED = 'key-with-a-small-limit';
const SECRET = 'a-shared-signing-secret';

const reply = ({ messages }: { messages: { content: string }[] }) =>
  `answer to "${messages.at(-1)?.content ?? ''}" after ${messages.length - 1}`;

beforeAll(async () => {
  world = cleanup.add(await createWorld({ model: { reply, tokensPerSecond: 200 } }));
  claude = cleanup.add(await startAnthropicSimulator({ reply: (request) => `claude: ${reply(request)}` }));
  const config = world.config({
    tenant: { models: ['sim', 'claude'], cache: {} },
    guard: [{ tenant: 'acme', mask: ['email'], block_keywords: ['moonshine'] }],
    models: [
      { id: 'claude', provider: 'anthropic', endpoints: [{ base_url: claude.url }], keys: ['sk-ant'] },
      { id: 'secret-model', provider: 'echo' },
    ],
    apiKeys: [
      { id: 'web', tenant: 'acme', key: KEY },
      { id: 'server', tenant: 'acme', key: SIGNED, signing_secret: SECRET },
      { id: 'small', tenant: 'acme', key: LIMITED, limits: { minute: 1 }, scopes: ['chat'] },
      { id: 'web', tenant: 'globex', key: OTHER },
    ].map((key, i) => (i === 3 ? { ...key, id: 'globex-web' } : key)),
  });
  const tenants = [...config.tenants, { id: 'globex', models: ['secret-model'] }];
  const api = { cors_origins: ['https://app.example'], ip_limit: { requests: 20 } };
  hub = cleanup.add(await startHub({ config: { ...config, tenants, api } }));
});
afterAll(() => cleanup.run());

const client = (apiKey = KEY) => new OpenAI({ apiKey, baseURL: `${hub.url}/v1`, maxRetries: 0 });
const ask = (content: string) => [{ role: 'user' as const, content }];
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(hub.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const json = async (response: Promise<Response>) => {
  const { status } = await response;
  return { status, body: (await (await response).json()) as Record<string, unknown> };
};

describe("OpenAI's client", () => {
  test('gets an answer, with who gave it', async () => {
    const { data, response } = await client()
      .chat.completions.create({ model: 'sim', messages: [{ role: 'system', content: 'Be kind.' }, ...ask('hello')] })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('answer to "hello" after 0');
    expect(data).toMatchObject({ object: 'chat.completion', model: 'sim', choices: [{ finish_reason: 'stop' }] });
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-parley-model')).toBe('sim');
    expect(response.headers.get('x-parley-attempts')).toBe('1');
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(JSON.stringify(world.openai.requests.at(-1)?.body)).toContain('Be kind.');
  });

  test('streams, with usage when asked for', async () => {
    const stream = await client().chat.completions.create({
      model: 'sim',
      messages: ask('tell me something long'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe('answer to "tell me something long" after 0');
    expect(chunks.length).toBeGreaterThan(4);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual(['stop']);
  });

  test('reaches Anthropic through the hub, plain and streaming', async () => {
    const plain = await client().chat.completions.create({ model: 'claude', messages: ask('plain') });
    expect(plain.choices[0]?.message.content).toBe('claude: answer to "plain" after 0');
    const stream = await client().chat.completions.create({ model: 'claude', messages: ask('stream'), stream: true });
    let text = '';
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    expect(text).toBe('claude: answer to "stream" after 0');
  });

  test('passes pictures, tools and formats on to the model', async () => {
    await client().chat.completions.create({
      model: 'sim',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          ],
        },
      ],
      tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
      response_format: { type: 'json_object' },
      seed: 7,
    });
    const seen = JSON.stringify(world.openai.requests.at(-1)?.body);
    for (const part of ['data:image/png;base64,AAAA', '"look"', 'json_object', '"seed":7'])
      expect(seen).toContain(part);
  });

  test('has its own history and instructions masked too', async () => {
    const answer = await client().chat.completions.create({
      model: 'sim',
      messages: [
        { role: 'system', content: 'Write to boss@example.com.' },
        { role: 'user', content: 'I am ann@example.com' },
        { role: 'assistant', content: 'Hello ann@example.com' },
        { role: 'user', content: 'who is ann@example.com?' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('answer to "who is ann@example.com?" after 2');
    expect(JSON.stringify(world.openai.requests.at(-1)?.body)).not.toContain('@example.com');
  });

  test('lists the models of its tenant only', async () => {
    const ids = async (key: string) => (await client(key).models.list()).data.map(({ id }) => id);
    expect(await ids(KEY)).toEqual(['sim', 'claude']);
    expect(await ids(OTHER)).toEqual(['secret-model']);
    expect(await client().models.retrieve('claude')).toMatchObject({ id: 'claude', object: 'model' });
    const refusal = async (model: string) =>
      client()
        .models.retrieve(model)
        .catch(({ status, code, message }) => ({ status, code, message: message.replace(model, 'NAME') }));
    expect(await refusal('secret-model')).toMatchObject({ status: 404, code: 'not_found' });
    expect(await refusal('secret-model')).toEqual(await refusal('no-such-model'));
    await expect(client().chat.completions.create({ model: 'secret-model', messages: ask('x') })).rejects.toMatchObject(
      {
        status: 404,
        message: expect.not.stringContaining('globex'),
      },
    );
  });

  test('that leaves ends the request to the model', async () => {
    const stop = world.openai.misbehave({ action: { kind: 'stall', afterTokens: 2 } });
    try {
      const stream = await client().chat.completions.create({ model: 'sim', messages: ask('leave me'), stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
      await until('the model to hear of it', () => world.openai.requests.at(-1)?.outcome === 'client_left');
    } finally {
      stop();
    }
  });

  test('hears of a bad key, a missing field and a limit', async () => {
    await expect(client('wrong-key-altogether').models.list()).rejects.toMatchObject({ status: 401 });
    await expect(client().chat.completions.create({ model: 'sim', messages: [] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('messages'),
    });
    const small = client(LIMITED).chat.completions;
    await small.create({ model: 'sim', messages: ask('one') });
    const refused = await small.create({ model: 'sim', messages: ask('two') }).catch((error) => error);
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-ratelimit-limit')).toBe('1');
    const streamed = await small.create({ model: 'sim', messages: ask('three'), stream: true }).catch((error) => error);
    expect(streamed).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(streamed.headers.get('x-parley-attempts')).toBe('0');
    for (const name of ['retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'])
      expect(streamed.headers.get(name), name).toMatch(/^\d+$/);
    await expect(client(LIMITED).models.list()).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  });
});

describe('POST /chat', () => {
  test('remembers a session, and no key reads that of another', async () => {
    const body = (content: string) => ({ session_id: 's1', messages: ask(content) });
    expect(await json(post('/chat', body('first a@b.co')))).toMatchObject({
      status: 200,
      body: { reply: 'answer to "first a@b.co" after 0', model: 'sim', usage: { total_tokens: expect.any(Number) } },
    });
    expect((await json(post('/chat', body('second')))).body.reply).toBe('answer to "second" after 2');
    expect(JSON.stringify(world.openai.requests.at(-1)?.body)).not.toContain('a@b.co');
    const other = await json(post('/chat', body('mine'), { authorization: `Bearer ${OTHER}` }));
    expect(other.body.reply).toBe('echo: mine');
  });

  test('streams from /v1/chat', async () => {
    const response = await post('/v1/chat', { messages: ask('stream'), stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text())
      .split('\n\n')
      .flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
    expect(events.flatMap(({ delta }) => delta ?? []).join('')).toBe('answer to "stream" after 0');
    expect(events.at(-1)).toMatchObject({ done: true, reply: 'answer to "stream" after 0', model: 'sim' });
  });

  test('a repeated question comes from the cache, and says so', async () => {
    const twice = [];
    for (let i = 0; i < 2; i++)
      twice.push((await post('/chat', { messages: ask('what is two') })).headers.get('x-parley-cache'));
    expect(twice).toEqual(['miss', 'hit']);
  });

  test('says what is wrong by field, and refuses what is forbidden', async () => {
    expect(await json(post('/chat', { messages: ask('x'), max_tokens: 'many', extra: 1 }))).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'invalid_request',
          message: expect.stringMatching(/max_tokens/),
          request_id: expect.any(String),
        },
      },
    });
    expect(await json(post('/chat', '{'))).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('JSON') } },
    });
    expect(await json(post('/chat', { messages: ask('moonshine please') }))).toMatchObject({
      status: 403,
      body: { error: { code: 'blocked' } },
    });
    expect((await post('/chat', { messages: ask('x'.repeat(1_100_000)) })).status).toBe(413);
  });

  test('a forbidden word is refused wherever a caller puts it, but in instructions', async () => {
    const before = world.openai.requests.length;
    const call = { id: 'c1', type: 'function' as const, function: { name: 'look', arguments: '{"for": "moonshine"}' } };
    const conversations: OpenAI.ChatCompletionMessageParam[][] = [
      [...ask('how is moonshine made'), { role: 'assistant', content: 'Shall I?' }, ...ask('yes')],
      [...ask('look'), { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'c1', content: 'so' }],
      [
        ...ask('look'),
        { role: 'assistant', tool_calls: [{ ...call, function: { name: 'look', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'moonshine' },
      ],
    ];
    for (const messages of conversations) {
      const refused = client().chat.completions.create({ model: 'sim', messages });
      await expect(refused).rejects.toMatchObject({ status: 403, code: 'blocked' });
    }
    expect(world.openai.requests.length).toBe(before);
    const messages = [{ role: 'system' as const, content: 'Never speak of moonshine.' }, ...ask('what else')];
    const { choices } = await client().chat.completions.create({ model: 'sim', messages });
    expect(choices[0]?.message.content).toBe('answer to "what else" after 0');
  });

  test("keeps a caller's own request id", async () => {
    for (const content of ['named', 'named again']) {
      const response = await post('/chat', { messages: ask(content) }, { 'x-request-id': 'mine-1' });
      expect(response.headers.get('x-request-id')).toBe('mine-1');
    }
    // Two of the same name are two questions; the log knows both.
    const lines = () => hub.logs.filter((line) => line.client_request_id === 'mine-1');
    await until('the log lines', () => lines().length === 2);
    expect(new Set(lines().map((line) => line.request_id)).size).toBe(2);
  });

  test('the id that is told is the one in the log, of an answer and of an error', async () => {
    for (const content of ['told', 'moonshine']) {
      const response = await post('/chat', { messages: ask(content) });
      const id = response.headers.get('x-request-id');
      const { error } = (await response.json()) as { error?: { request_id: string } };
      if (error) expect(error.request_id).toBe(id);
      await until('the log line', () => hub.logs.some((line) => line.request_id === id && line.status));
    }
  });
});

test('GET /v1/quota', async () => {
  const response = await fetch(`${hub.url}/v1/quota`, { headers: { authorization: `Bearer ${KEY}` } });
  expect(await response.json()).toEqual({ limits: [] });
});

describe('tokens', () => {
  test('are issued for a key, verify against the published keys, and cannot do more', async () => {
    const issued = await json(post('/v1/tokens', { subject: 'user-7', ttl_seconds: 60, scopes: ['chat'] }));
    expect(issued.status).toBe(201);
    const { token } = issued.body as { token: string };
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${hub.url}/.well-known/jwks.json`)));
    expect(payload).toMatchObject({ tenant: 'acme', sub: 'user-7', scopes: ['chat'] });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', kid: expect.any(String) });
    expect(JSON.stringify(await (await fetch(`${hub.url}/.well-known/jwks.json`)).json())).not.toContain('"d"');
    const bearer = { authorization: `Bearer ${token}` };
    expect((await post('/chat', { messages: ask('by token') }, bearer)).status).toBe(200);
    expect((await fetch(`${hub.url}/v1/models`, { headers: bearer })).status).toBe(403);
    expect((await post('/v1/tokens', {}, bearer)).status).toBe(403);
    const forged = `${token.slice(0, -4)}AAAA`;
    expect((await post('/chat', { messages: ask('x') }, { authorization: `Bearer ${forged}` })).status).toBe(401);
  });
});

describe('signed requests', () => {
  const sign = (body: string, at = Math.floor(Date.now() / 1000), secret = SECRET) => ({
    authorization: `Bearer ${SIGNED}`,
    'x-parley-timestamp': String(at),
    'x-parley-signature': `v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`,
  });
  const body = JSON.stringify({ messages: ask('signed') });

  test('are taken once, and only as they were signed', async () => {
    expect((await post('/chat', body, { authorization: `Bearer ${SIGNED}` })).status).toBe(401);
    expect((await post('/chat', body, sign(body, undefined, 'another-secret-entirely'))).status).toBe(401);
    expect((await post('/chat', body, sign(body, Math.floor(Date.now() / 1000) - 400))).status).toBe(401);
    const signed = sign(body);
    expect((await post('/chat', body.replace('signed', 'changed'), signed)).status).toBe(401);
    expect((await post('/chat', body, signed)).status).toBe(200);
    expect((await post('/chat', body, signed)).status).toBe(401);
  });
});

test('web pages of the configured origin may call it, others may not', async () => {
  const preflight = (origin: string) =>
    fetch(`${hub.url}/chat`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
  expect((await preflight('https://app.example')).headers.get('access-control-allow-origin')).toBe(
    'https://app.example',
  );
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
});

test('what was asked is on record, and why says how it went', async () => {
  const response = await client().chat.completions.create({ model: 'sim', messages: ask('on record') });
  const turn = response.id.replace('chatcmpl-', '');
  const logged = await until('the log line', () => hub.logs.find((line) => line.request_id === turn));
  expect(logged).toMatchObject({ tenant: 'acme', platform: 'api', channel: 'web', model: 'sim', status: 'success' });
  expect(await runCommand(['why'], hub.dataDir)).toMatchObject({ code: 2 });
});

test('an address that tries keys is stopped, and a good key still works from there', async () => {
  const tries = Array.from({ length: 30 }, (_, i) =>
    post('/chat', {}, { authorization: `Bearer wrong-key-number-${i}` }),
  );
  const answers = await Promise.all(tries);
  const stopped = answers.filter(({ status }) => status === 429);
  expect(stopped.length).toBeGreaterThan(0);
  for (const { headers } of stopped) {
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('x-ratelimit-limit')).toBe('20');
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
  }
  // A body that is no JSON, or far too large, is no way past the count.
  for (const body of ['{', 'x'.repeat(1_100_000)]) {
    expect((await post('/chat', body, { authorization: 'Bearer wrong-key' })).status).toBe(429);
  }
  expect((await post('/chat', { messages: ask('good') })).status).toBe(200);
});
