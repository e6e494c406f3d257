import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FeishuSimulator, startFeishuSimulator } from './index.ts';
import { refusalOf, sdkClient } from './testing.ts';

let time: number;
let simulator: FeishuSimulator;

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1);
  simulator = await startFeishuSimulator({ now: () => time, rateLimits: true });
  await simulator.say({ chat: 'c1', text: 'hello' });
});
afterEach(() => simulator.close());

async function call(path: string, options: { body?: object; token?: string; method?: string } = {}) {
  const response = await fetch(`${simulator.url}${path}`, {
    method: options.method ?? (options.body ? 'POST' : 'GET'),
    headers: { 'content-type': 'application/json', ...(options.token && { authorization: `Bearer ${options.token}` }) },
    ...(options.body && { body: JSON.stringify(options.body) }),
  });
  const json = (await response.json()) as { code: number };
  return { status: response.status, headers: response.headers, json };
}

async function newToken() {
  const { app_id, app_secret } = simulator.credentials;
  const { json } = await call('/open-apis/auth/v3/tenant_access_token/internal', { body: { app_id, app_secret } });
  return json as { code: number; tenant_access_token: string; expire: number };
}

describe('tokens', () => {
  it('gives the same token while it is good for half an hour, and refuses it when it has expired', async () => {
    const first = await newToken();
    expect(first).toMatchObject({ code: 0, expire: 7_200 });
    time += 60 * 60_000;
    expect(await newToken()).toMatchObject({ tenant_access_token: first.tenant_access_token, expire: 3_600 });
    time += 40 * 60_000;
    const second = await newToken();
    expect(second.tenant_access_token).not.toBe(first.tenant_access_token);
    expect((await call('/open-apis/bot/v3/info', { token: first.tenant_access_token })).json.code).toBe(0);
    time += 30 * 60_000;
    const refused = await call('/open-apis/bot/v3/info', { token: first.tenant_access_token });
    expect([refused.status, refused.json.code]).toEqual([400, 99991663]);
    expect((await call('/open-apis/bot/v3/info', { token: second.tenant_access_token })).json.code).toBe(0);
  });

  it('tells a missing token from a wrong one', async () => {
    expect((await call('/open-apis/bot/v3/info')).json.code).toBe(99991661);
    expect((await call('/open-apis/bot/v3/info', { token: 't-wrong' })).json.code).toBe(99991663);
    const { tenant_access_token: token } = await newToken();
    simulator.expireTokens();
    expect((await call('/open-apis/bot/v3/info', { token })).json.code).toBe(99991663);
  });

  it('refuses wrong credentials', async () => {
    expect(
      await refusalOf(sdkClient(simulator, 'wrong').im.message.get({ path: { message_id: 'om_1' } })),
    ).toMatchObject({
      code: 10014,
    });
    const { json } = await call('/open-apis/auth/v3/tenant_access_token/internal', {
      body: { app_id: 'cli_0', app_secret: 'x' },
    });
    expect(json.code).toBe(10003);
  });

  it('says who the bot is', async () => {
    const answer = await sdkClient(simulator).request({ method: 'GET', url: '/open-apis/bot/v3/info' });
    expect(answer.bot).toMatchObject({ open_id: simulator.botOpenId, app_name: 'Parley' });
  });
});

it('answers 404 to what it does not know, and 9499 to a body that is no JSON', async () => {
  expect((await fetch(`${simulator.url}/open-apis/im/v2/messages`)).status).toBe(404);
  expect(simulator.calls[0]).toMatchObject({ method: 'GET /open-apis/im/v2/messages', status: 404 });
  const { tenant_access_token: token } = await newToken();
  const response = await fetch(`${simulator.url}/open-apis/im/v1/messages?receive_id_type=chat_id`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: '{"receive_id',
  });
  expect(await response.json()).toMatchObject({ code: 9499 });
});

describe('limits and faults', () => {
  const send = (client = sdkClient(simulator)) =>
    client.im.message.create({
      params: { receive_id_type: 'chat_id' },
      data: { receive_id: simulator.chatId('c1'), msg_type: 'text', content: '{"text":"x"}' },
    });

  it('lets 5 messages a second into one chat', async () => {
    const client = sdkClient(simulator);
    for (let count = 0; count < 5; count += 1) await send(client);
    expect(await refusalOf(send(client))).toMatchObject({ status: 400, code: 230020 });
  });

  it('throttles with 429 and the seconds to wait', async () => {
    const { tenant_access_token: token } = await newToken();
    simulator.misbehave({ method: 'bot.info', times: 1, action: { kind: 'rate_limit', retryAfterSeconds: 7 } });
    const { status, headers, json } = await call('/open-apis/bot/v3/info', { token });
    expect([status, headers.get('x-ogw-ratelimit-reset'), json.code]).toEqual([429, '7', 99991400]);
    expect((await call('/open-apis/bot/v3/info', { token })).json.code).toBe(0);
  });

  it("gives any of the platform's errors by number", async () => {
    simulator.misbehave({ method: 'im.message.create', action: { kind: 'error', error: '99991400' } });
    expect(await refusalOf(send())).toEqual({ status: 400, code: 99991400, msg: 'request trigger frequency limit' });
    expect(simulator.transcript('c1')).toHaveLength(1);
  });

  it('refuses a chat the bot was put out of', async () => {
    await simulator.say({ chat: 'g', kind: 'group', text: 'hi' });
    simulator.removeBot('g');
    const data = { receive_id: simulator.chatId('g'), msg_type: 'text', content: '{"text":"x"}' };
    const sent = sdkClient(simulator).im.message.create({ params: { receive_id_type: 'chat_id' }, data });
    expect((await refusalOf(sent)).code).toBe(230002);
  });

  it('records calls by their SDK name, without secrets', async () => {
    await send();
    expect(simulator.calls.map(({ method, status }) => [method, status])).toEqual([
      ['auth.tenantAccessToken.internal', 200],
      ['im.message.create', 200],
    ]);
    expect(simulator.calls[0]?.body).toEqual({ app_id: simulator.appId, app_secret: '***' });
    expect(simulator.calls[1]?.body).toMatchObject({ receive_id_type: 'chat_id', content: '{"text":"x"}' });
  });
});
