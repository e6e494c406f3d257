import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, until, type World } from '../support/index.ts';
import { readEvents, startRunningHub } from './helpers/running-hub.ts';

/** The endpoints about the running hub, over a whole hub between simulators. */
let world: World;
let hub: Awaited<ReturnType<typeof startRunningHub>>;

const OPERATOR = 'operator@acme';
const VIEWER = 'viewer@acme';
const STRANGER = 'owner@globex';

interface Turn extends Record<string, unknown> {
  id: string;
  conversation: string;
}
interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

beforeAll(async () => {
  const reply = ({ messages }: { messages: { role: string; content: string }[] }) =>
    `answer to "${messages.at(-1)?.content}" after ${messages.length - 1}`;
  world = await createWorld({ model: { reply } });
  const config = world.config({
    tenant: {
      name: 'Acme',
      limits: { minute: 1000 },
      user_limits: { hour: 500 },
      budget: { monthly_usd: 1, warn_at: [0.000001] },
    },
    channel: { streaming: false },
    rules: [{ tenant: 'acme', match: { exact: ['hi'] }, reply: 'Hello!' }],
    guard: [{ tenant: 'acme', mask: ['email'], block_keywords: ['moonshine'] }],
    apiKeys: [{ id: 'web', tenant: 'acme', key: 'a-key-of-the-configuration' }],
  });
  const models = [...config.models.map((model) => ({ ...model, price: { input: 1, output: 2 } }))];
  const tenants = [...config.tenants, { id: 'globex', models: ['sim'] }];
  hub = await startRunningHub({ ...config, models, tenants });
  world.connect(hub.gatewayUrl);
});
afterAll(async () => {
  await hub?.stop();
  await world?.close();
});

let chats = 0;
/** Somebody asks in a chat of their own; resolves with the finished turn. */
async function ask(text: string, chat = `chat-${++chats}`) {
  const before = new Set((await turnsOf()).map(({ id }) => id));
  await world.slack.say({ chat, text });
  const turn = await until(`the turn of "${text}"`, async () => (await turnsOf()).find(({ id }) => !before.has(id)));
  return { turn, chat };
}

const turnsOf = async (query = '') =>
  (await hub.call<Page<Turn>>(VIEWER, 'GET', `/turns?tenant=acme&limit=200${query}`)).body.items;
const detailOf = async (id: string) => (await hub.call(VIEWER, 'GET', `/turns/${id}`)).body;
const botSaid = (chat: string) =>
  world.slack
    .transcript(chat)
    .filter(({ author }) => author === 'bot')
    .map(({ text }) => text);
const messagesIn = async (conversation: string) =>
  (
    await hub.call<Page<{ role: string; content: string; by?: string }>>(
      VIEWER,
      'GET',
      `/conversations/acme/${conversation}/messages`,
    )
  ).body.items;

describe('turns', () => {
  test('are told with words, steps and why, in both languages', async () => {
    const { turn } = await ask('what is a hub');
    expect(turn).toMatchObject({
      tenant: 'acme',
      platform: 'slack',
      channel: 'slack',
      kind: 'model',
      status: 'success',
    });
    const detail = await detailOf(turn.id);
    expect(detail).toMatchObject({ question: 'what is a hub', answer: 'answer to "what is a hub" after 0' });
    expect(detail.why).toEqual({
      en: expect.stringMatching(/^sim answered; it took [\d.]+ s\.$/),
      zh: expect.stringMatching(/^由 sim 回答/),
    });
    const steps = detail.timeline as { at_ms: number; what: string }[];
    expect(steps.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['received', 'model_attempt', 'decided', 'delivered']),
    );
    expect(steps.map(({ at_ms: at }) => at)).toEqual(steps.map(({ at_ms: at }) => at).toSorted((a, b) => a - b));
  });

  test('say why without a model', async () => {
    const { turn: byRule } = await ask('hi');
    expect((await detailOf(byRule.id)).why).toMatchObject({ en: expect.stringContaining('Rule 1 matched') });
    const { turn: refused } = await ask('sell me moonshine');
    expect(refused).toMatchObject({ status: 'denied', error_code: 'blocked' });
    expect((await detailOf(refused.id)).why).toMatchObject({ zh: expect.stringContaining('关键词') });
  });

  test('are filtered, and come page by page without a gap', async () => {
    await ask('one more');
    const all = (await turnsOf()).map(({ id }) => id);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path: string = `/turns?tenant=acme&limit=2${cursor && `&cursor=${cursor}`}`;
      const { body } = await hub.call<Page<Turn>>(VIEWER, 'GET', path);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(all);
    expect((await turnsOf('&status=denied')).map(({ kind }) => kind)).toEqual(['guard']);
    expect(await turnsOf('&channel=feishu')).toEqual([]);
    expect(await turnsOf(`&q=${all[0]?.slice(0, 20)}`)).toHaveLength(1);
    expect(await turnsOf(`&from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect((await hub.call(VIEWER, 'GET', '/turns?status=odd&from=yesterday')).body).toMatchObject({
      error: { code: 'invalid_request', fields: [{ path: 'status' }, { path: 'from' }] },
    });
  });

  test('are asked anew once for an Idempotency-Key, in the same chat', async () => {
    const { turn, chat } = await ask('tell me twice');
    const key = { 'idempotency-key': 'replay-1' };
    const [first, again] = [
      await hub.call(OPERATOR, 'POST', `/turns/${turn.id}/replay`, undefined, key),
      await hub.call(OPERATOR, 'POST', `/turns/${turn.id}/replay`, undefined, key),
    ];
    expect(first).toMatchObject({ status: 202, body: { turn: expect.any(String) } });
    expect(again.body).toEqual(first.body);
    const detail = await until('the second turn', async () => {
      const found = await detailOf(String(first.body.turn));
      return found.status === 'success' ? found : undefined;
    });
    expect(botSaid(chat)).toEqual(['answer to "tell me twice" after 0', 'answer to "tell me twice" after 2']);
    expect(detail.why).toMatchObject({ en: expect.stringContaining(`turn ${turn.id} on its way again`) });
    expect((await turnsOf(`&conversation=${turn.conversation}`)).map(({ id }) => id)).toEqual([
      first.body.turn,
      turn.id,
    ]);
    expect(await hub.call(VIEWER, 'POST', `/turns/${turn.id}/replay`)).toMatchObject({ status: 403 });
    const { items } = (await hub.call<Page<object>>('owner@acme', 'GET', '/audit?tenant=acme&action=turn:write')).body;
    expect(items).toEqual([
      expect.objectContaining({
        actor: 'operator',
        detail: { replayed_as: first.body.turn },
        target: `tenant/acme/turn/${turn.id}`,
      }),
    ]);
  });
});

describe('conversations', () => {
  test('are listed with what was said last, found by person, and read', async () => {
    const { turn } = await ask('write to eve@example.com please');
    const { body } = await hub.call<Page<Record<string, unknown>>>(VIEWER, 'GET', '/conversations?tenant=acme&limit=1');
    expect(body.items).toEqual([
      expect.objectContaining({
        id: turn.conversation,
        turns: 1,
        last_text: 'write to [EMAIL_1] please',
        chat_kind: 'direct',
        taken_over: null,
      }),
    ]);
    const byPerson = await hub.call<Page<{ id: string }>>(VIEWER, 'GET', `/conversations?q=${turn.user}`);
    expect(byPerson.body.items.map(({ id }) => id)).toContain(turn.conversation);
    const one = await hub.call(VIEWER, 'GET', `/conversations/acme/${turn.conversation}`);
    expect(one.body).toMatchObject({ platform: 'slack', state: { waiting: 0, model: null } });
    expect((await messagesIn(turn.conversation)).map(({ role }) => role)).toEqual(['assistant', 'user']);
    expect(await hub.call(VIEWER, 'GET', '/conversations/acme/none')).toMatchObject({ status: 404 });
  });

  test('a person takes over, answers through the bot, and gives back', async () => {
    const { turn, chat } = await ask('first, of the bot');
    const path = `/conversations/acme/${turn.conversation}`;
    expect(await hub.call(OPERATOR, 'POST', `${path}/messages`, { text: 'too soon' })).toMatchObject({ status: 409 });
    expect(await hub.call(VIEWER, 'POST', `${path}/takeover`)).toMatchObject({ status: 403 });

    const taken = await hub.call(OPERATOR, 'POST', `${path}/takeover`);
    expect(taken).toMatchObject({ status: 200, body: { taken_over: { by: 'Olga Operator' } } });
    expect((await hub.call(OPERATOR, 'POST', `${path}/takeover`)).body).toEqual(taken.body);
    expect(await hub.call('admin@acme', 'POST', `${path}/takeover`)).toMatchObject({ status: 409 });
    const listed = await hub.call<Page<{ id: string }>>(VIEWER, 'GET', '/conversations?taken_over=true');
    expect(listed.body.items).toEqual([expect.objectContaining({ id: turn.conversation, ...taken.body })]);

    const asked = world.openai.requests.length;
    const { turn: left } = await ask('is anybody there? bob@example.com', chat);
    expect(left).toMatchObject({ kind: 'human', status: 'success', model: null });
    expect((await detailOf(left.id)).why).toMatchObject({ en: expect.stringContaining('Olga Operator had taken') });
    expect(world.openai.requests).toHaveLength(asked);
    expect(botSaid(chat)).toHaveLength(1);

    const key = { 'idempotency-key': 'said-1' };
    const said = await hub.call(OPERATOR, 'POST', `${path}/messages`, { text: 'Yes, **Olga** is.' }, key);
    expect(said).toMatchObject({ status: 202 });
    expect((await hub.call(OPERATOR, 'POST', `${path}/messages`, { text: 'Yes, **Olga** is.' }, key)).body).toEqual(
      said.body,
    );
    await world.slack.waitFor(chat, ({ text }) => text.includes('Olga'));
    await until('the transcript', async () => (await messagesIn(turn.conversation))[0]?.role === 'human');
    expect((await messagesIn(turn.conversation)).map(({ role, content, by }) => [role, content, by])).toEqual([
      ['human', 'Yes, **Olga** is.', 'Olga Operator'],
      ['user', 'is anybody there? [EMAIL_1]', undefined],
      ['assistant', 'answer to "first, of the bot" after 0', undefined],
      ['user', 'first, of the bot', undefined],
    ]);
    expect(botSaid(chat)).toHaveLength(2);

    expect(await hub.call(OPERATOR, 'DELETE', `${path}/takeover`)).toMatchObject({ status: 204 });
    expect((await hub.call(VIEWER, 'GET', path)).body).toMatchObject({ taken_over: null });
    await ask('back to the bot', chat);
    // It knows what was said meanwhile: two messages before, one left to Olga and what she said.
    expect(botSaid(chat).at(-1)).toBe('answer to "back to the bot" after 4');
    expect(JSON.stringify(world.openai.requests.at(-1)?.body)).not.toContain('bob@example.com');
  });

  test('what the platform does not take of an operator becomes a dead letter, and is sent by a replay', async () => {
    const { turn, chat } = await ask('before the outage');
    const path = `/conversations/acme/${turn.conversation}`;
    await hub.call(OPERATOR, 'POST', `${path}/takeover`);
    const stop = world.slack.misbehave({ method: 'chat.postMessage', action: { kind: 'error', error: 'is_archived' } });
    const said = await hub.call(OPERATOR, 'POST', `${path}/messages`, { text: 'lost words' });
    const letter = await until('the letter', async () => {
      const found = await hub.call(VIEWER, 'GET', `/dead-letters/acme/${said.body.turn}`);
      return found.status === 200 ? found.body : undefined;
    });
    stop();
    expect(letter).toMatchObject({ answer: 'lost words', error_code: 'platform_rejected' });
    expect(letter).not.toHaveProperty('question');
    expect(await hub.call(OPERATOR, 'POST', `/dead-letters/acme/${letter.id}/replay`)).toMatchObject({ status: 202 });
    await world.slack.waitFor(chat, ({ text }) => text === 'lost words');
    await until('the transcript', async () =>
      (await messagesIn(turn.conversation)).some(
        ({ content, by }) => content === 'lost words' && by === 'Olga Operator',
      ),
    );
    await hub.call(OPERATOR, 'DELETE', `${path}/takeover`);
  });

  test('cannot be taken over where nobody chats', async () => {
    const { body } = await playground('is this a chat?');
    const turn = await until('the turn', async () => {
      const found = await detailOf(String(body.at(-1)?.data.turn));
      return found.conversation === undefined ? undefined : found;
    });
    const path = `/conversations/acme/${turn.conversation}`;
    expect(await hub.call(OPERATOR, 'POST', `${path}/takeover`)).toMatchObject({ status: 409 });
    expect(await hub.call(OPERATOR, 'POST', `/turns/${turn.id}/replay`)).toMatchObject({ status: 409 });
  });
});

describe('dead letters', () => {
  test('are shown masked, delivered by a replay without asking again, and dropped', async () => {
    const stop = world.slack.misbehave({ method: 'chat.postMessage', action: { kind: 'error', error: 'is_archived' } });
    const { turn, chat } = await ask('will this arrive at eve@example.com');
    const { turn: other } = await ask('and this');
    stop();
    expect(turn).toMatchObject({ status: 'failed', kind: 'failure', error_code: 'platform_rejected' });
    expect((await detailOf(turn.id)).why).toMatchObject({ en: expect.stringContaining('could not be delivered') });

    const list = async () => (await hub.call<Page<{ id: string }>>(VIEWER, 'GET', '/dead-letters')).body.items;
    expect(await list()).toEqual([
      expect.objectContaining({ id: other.id }),
      expect.objectContaining({
        id: turn.id,
        error_code: 'platform_rejected',
        question: 'will this arrive at [EMAIL_1]',
      }),
    ]);
    const asked = world.openai.requests.length;
    const replayed = await hub.call(OPERATOR, 'POST', `/dead-letters/acme/${turn.id}/replay`);
    expect(replayed).toMatchObject({ status: 202 });
    await world.slack.waitFor(chat, ({ author, text }) => author === 'bot' && text.includes('will this arrive'));
    expect(world.openai.requests).toHaveLength(asked);
    expect(await hub.call(OPERATOR, 'POST', `/dead-letters/acme/${turn.id}/replay`)).toMatchObject({ status: 404 });
    expect(await hub.call(VIEWER, 'DELETE', `/dead-letters/acme/${other.id}`)).toMatchObject({ status: 403 });
    expect((await hub.call(VIEWER, 'GET', `/dead-letters/acme/${other.id}`)).body).toMatchObject({
      answer: expect.any(String),
    });
    expect(await hub.call(OPERATOR, 'DELETE', `/dead-letters/acme/${other.id}`)).toMatchObject({ status: 204 });
    expect(await list()).toEqual([]);
  });
});

const playground = async (content: string, over: object = {}, who = OPERATOR) => {
  const response = await hub.request(who, 'POST', '/playground', {
    tenant: 'acme',
    messages: [{ role: 'user', content }],
    ...over,
  });
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return { status: response.status, body: [] };
  }
  const ended = (events: { event: string }[]) => events.some(({ event }) => event === 'done' || event === 'error');
  return { status: response.status, body: await readEvents(response, ended) };
};

describe('the playground', () => {
  test('streams an answer of the tenant, which is charged and recorded', async () => {
    const { body } = await playground('play with me');
    const deltas = body.filter(({ event }) => event === 'delta').map(({ data }) => data.text);
    expect(deltas.join('')).toBe('answer to "play with me" after 0');
    const done = body.at(-1);
    expect(done).toMatchObject({
      event: 'done',
      data: { model: 'sim', attempts: 1, usage: { tokens_out: expect.any(Number) }, timeline: expect.any(Array) },
    });
    expect(Number(done?.data.cost_usd)).toBeGreaterThan(0);
    const turn = await until('the record', async () =>
      (await turnsOf('&platform=api')).find(({ id }) => id === done?.data.turn),
    );
    expect(turn).toMatchObject({ channel: 'playground', kind: 'model', status: 'success' });
  });

  test('tells refusals as an event, with what led there', async () => {
    const { body } = await playground('moonshine');
    expect(body).toMatchObject([
      { event: 'error', data: { error: { code: 'blocked' }, why: { en: expect.any(String) } } },
    ]);
  });

  test('is for those who may, and for models and channels of the tenant', async () => {
    expect((await playground('x', {}, VIEWER)).status).toBe(403);
    expect((await playground('x', {}, STRANGER)).status).toBe(403);
    expect((await playground('x', { model: 'none' })).status).toBe(404);
    expect((await playground('x', { channel: 'none' })).status).toBe(404);
    expect((await playground('x', { messages: [] })).status).toBe(400);
  });
});

describe('money', () => {
  test('usage is grouped by one or two things, also as a table', async () => {
    const { turn } = await ask('what does it cost');
    const usage = async (query: string) =>
      (
        await hub.call<{ rows: Record<string, unknown>[]; totals: Record<string, number> }>(
          VIEWER,
          'GET',
          `/usage?${query}`,
        )
      ).body;
    await until('the ledger', async () =>
      (await usage('tenant=acme&group_by=user')).rows.some(({ user }) => user === turn.user),
    );
    const { rows, totals } = await usage('group_by=channel,model');
    expect(rows).toContainEqual(expect.objectContaining({ channel: 'slack', model: 'sim' }));
    expect(totals.requests).toBe(rows.reduce((sum, row) => sum + Number(row.requests), 0));
    expect((await usage('group_by=day')).rows).toEqual([
      expect.objectContaining({ day: new Date().toISOString().slice(0, 10), requests: totals.requests }),
    ]);
    const table = await hub.call<string>(VIEWER, 'GET', '/usage.csv?tenant=acme&group_by=tenant,model');
    expect(table.headers.get('content-type')).toContain('text/csv');
    expect(table.body).toMatch(/^tenant,model,requests,tokens_in,tokens_out,cached_tokens,cost_usd\r\nacme,sim,\d+/);
    expect(await hub.call(VIEWER, 'GET', '/usage?group_by=day,day')).toMatchObject({ status: 400 });
    expect(await hub.call(VIEWER, 'GET', '/usage?group_by=secret')).toMatchObject({ status: 400 });
  });

  test('the quota of a tenant and of a person, with a forecast', async () => {
    const [turn] = await turnsOf('&kind=model&platform=slack');
    const { body } = await hub.call(VIEWER, 'GET', '/quota?tenant=acme');
    expect(body.limits).toEqual([
      expect.objectContaining({ level: 'tenant', window: 'minute', unit: 'requests', limit: 1000 }),
      expect.objectContaining({ level: 'tenant', window: 'month', unit: 'usd', limit: 1 }),
    ]);
    const budget = body.budget as Record<string, number>;
    expect(budget.spent_usd).toBeGreaterThan(0);
    expect(budget.forecast_usd).toBeGreaterThanOrEqual(budget.spent_usd ?? 0);
    expect(body.history).toHaveLength(30);
    expect((body.history as object[]).at(-1)).toMatchObject({ day: new Date().toISOString().slice(0, 10) });
    const own = await hub.call(VIEWER, 'GET', `/quota?tenant=acme&user=${turn?.user}`);
    expect(own.body.limits).toContainEqual(
      expect.objectContaining({ level: 'user', window: 'hour', used: expect.any(Number) }),
    );
    expect(await hub.call('viewer@*', 'GET', '/quota?tenant=none')).toMatchObject({ status: 404 });
  });
});

describe('API keys', () => {
  test('are made, shown once, used and revoked', async () => {
    const asked = { tenant: 'acme', name: 'My Site', scopes: ['chat'], limits: { minute: 5 }, signed: false };
    const made = await hub.call('admin@acme', 'POST', '/api-keys', asked);
    expect(made).toMatchObject({
      status: 201,
      body: { tenant: 'acme', name: 'My Site', created_by: 'admin', origin: 'console' },
    });
    const { key, id } = made.body as { key: string; id: string };
    const chat = () =>
      fetch(`${hub.gatewayUrl}/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'with a key' }] }),
      });
    expect((await chat()).status).toBe(200);
    const list = await hub.call<Page<Record<string, unknown>>>(OPERATOR, 'GET', '/api-keys');
    expect(list.body.items).toEqual([
      expect.objectContaining({ id: 'web', origin: 'file', prefix: '' }),
      expect.objectContaining({ id, prefix: key.slice(0, 11), revoked_at: null }),
    ]);
    expect(JSON.stringify(list.body)).not.toContain(key);
    const found = async (prefix: string) =>
      hub.call<Page<{ id: string }>>(OPERATOR, 'GET', `/api-keys?prefix=${encodeURIComponent(prefix)}`);
    expect((await found(key.slice(0, 8))).body.items.map((one) => one.id)).toEqual([id]);
    expect((await found('pk_%')).body.items).toEqual([]);
    expect(await found(key)).toMatchObject({ status: 400 });
    expect(await hub.call('admin@acme', 'DELETE', `/api-keys/acme/${id}`)).toMatchObject({ status: 204 });
    // The scope comes after the key: until it is refused it only lacks the scope.
    const models = () => fetch(`${hub.gatewayUrl}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect((await models()).status).toBe(403);
    await until('the key is refused', async () => (await models()).status === 401);
    expect(await hub.call('admin@acme', 'DELETE', '/api-keys/acme/web')).toMatchObject({ status: 409 });
    expect(await hub.call('admin@acme', 'DELETE', '/api-keys/acme/none')).toMatchObject({ status: 404 });
  });

  test('are made for one’s own tenant only, with a signing secret when asked', async () => {
    const asked = { tenant: 'acme', name: 'Signed', signed: true };
    expect(await hub.call(STRANGER, 'POST', '/api-keys', asked)).toMatchObject({ status: 403 });
    expect(await hub.call(OPERATOR, 'POST', '/api-keys', asked)).toMatchObject({ status: 403 });
    expect((await hub.call('admin@acme', 'POST', '/api-keys', asked)).body).toMatchObject({
      signing_secret: expect.any(String),
    });
    const wrong = { tenant: 'acme', name: '', scopes: ['everything'], expires_at: '2020-01-01T00:00:00Z', hash: 'x' };
    const { body } = await hub.call('admin@acme', 'POST', '/api-keys', wrong);
    expect(JSON.stringify(body)).toMatch(/"path":"name".*"path":"scopes\.0"/);
  });
});

describe('the audit log', () => {
  test('is searched, checked and exported by those who may', async () => {
    const page = await hub.call<Page<{ action: string; seq: number }>>(
      'admin@acme',
      'GET',
      '/audit?tenant=acme&limit=3',
    );
    expect(page.body.items).toHaveLength(3);
    const next = await hub.call<Page<{ seq: number }>>(
      'admin@acme',
      'GET',
      `/audit?tenant=acme&cursor=${page.body.next_cursor}`,
    );
    expect(Math.max(...next.body.items.map(({ seq }) => seq))).toBe(
      Math.min(...page.body.items.map(({ seq }) => seq)) - 1,
    );
    const keys = await hub.call<Page<{ action: string }>>('admin@acme', 'GET', '/audit?action=api_key:*');
    expect(new Set(keys.body.items.map(({ action }) => action))).toEqual(
      new Set(['api_key:write', 'api_key:write.denied']),
    );
    expect((await hub.call('admin@acme', 'POST', '/audit/verify', { tenant: 'acme' })).body).toMatchObject({
      faults: [],
    });
    const lines = (await hub.call<string>('admin@acme', 'GET', '/audit/export?tenant=acme')).body.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_, i) => i + 1));
    expect(await hub.call(OPERATOR, 'GET', '/audit?tenant=acme')).toMatchObject({ status: 403 });
  });

  test('keeps its chain when a person is erased, who is gone then', async () => {
    const { turn } = await ask('forget me');
    const erase = { tenant: 'acme', user: turn.user };
    expect(await hub.call('admin@acme', 'POST', '/audit/erase-user', erase)).toMatchObject({ status: 403 });
    const { body } = await hub.call('owner@acme', 'POST', '/audit/erase-user', erase);
    expect(body.messages).toBeGreaterThan(0);
    expect(await detailOf(turn.id)).toMatchObject({ question: null, answer: null, timeline: [] });
    expect(await hub.call(OPERATOR, 'POST', `/turns/${turn.id}/replay`)).toMatchObject({ status: 409 });
    expect((await hub.call('owner@acme', 'POST', '/audit/verify')).body).toMatchObject({ faults: [] });
  });
});

describe('the overview', () => {
  test('sums up and compares, and says what needs attention', async () => {
    const { body } = await hub.call<Record<string, unknown>>(VIEWER, 'GET', '/overview?tenant=acme&hours=1');
    const rows = await turnsOf();
    expect(body.totals).toMatchObject({
      messages: rows.length,
      success: rows.filter(({ status }) => status === 'success').length,
      denied: rows.filter(({ status }) => status === 'denied').length,
      p50_ms: expect.any(Number),
      p99_ms: expect.any(Number),
    });
    expect(body.previous).toMatchObject({ messages: 0, success_ratio: null, p50_ms: null });
    const series = body.series as { messages: number }[];
    expect(series.reduce((sum, { messages }) => sum + messages, 0)).toBe(rows.length);
    expect([12, 13]).toContain(series.length);
    expect(body.by_tenant).toMatchObject([{ tenant: 'acme', messages: rows.length }]);
    expect(body.queue).toEqual({ waiting: 0, oldest_ms: null });
    expect(body.attention).toContainEqual(expect.objectContaining({ kind: 'budget', tenant: 'acme' }));
  });
});

test('the system is told to those of the hub', async () => {
  expect(await hub.call('admin@acme', 'GET', '/system')).toMatchObject({ status: 403 });
  expect((await hub.call('viewer@*', 'GET', '/system')).status).toBe(403);
  expect((await hub.call('admin@*', 'GET', '/system')).body).toMatchObject({
    version: '0.0.0',
    node: process.version,
    schema_version: expect.any(Number),
    redis: { ok: true, memory_bytes: expect.any(Number) },
    postgres: { ok: true },
  });
});

describe('live events', () => {
  test('tell of messages and turns, and never of another tenant', async () => {
    const [mine, theirs] = [await hub.request(VIEWER, 'GET', '/events'), await hub.request(STRANGER, 'GET', '/events')];
    const heard = readEvents(mine, (events) => events.some(({ event }) => event === 'turn'));
    const overheard = readEvents(theirs, (events) => events.some(({ event }) => event === 'config'));
    const { turn } = await ask('is it live?');
    expect(await heard).toEqual([
      {
        event: 'message',
        data: expect.objectContaining({ platform: 'slack', channel: 'slack', conversation: turn.conversation }),
      },
      {
        event: 'turn',
        data: expect.objectContaining({ id: turn.id, tenant: 'acme', status: 'success', platform: 'slack' }),
      },
    ]);
    hub.live.emit({ name: 'config', data: { version: 7 } });
    expect(await overheard).toEqual([{ event: 'config', data: { version: 7 } }]);
  });

  test('need somebody who is signed in', async () => {
    expect((await fetch(`${hub.adminUrl}/events`)).status).toBe(401);
  });
});
