import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTestHub, type TestHub } from '../shared/test-hub.ts';
import { type SlackSimulator, startSlackSimulator } from './index.ts';

let slack: SlackSimulator;
let hub: TestHub;

beforeEach(async () => {
  slack = await startSlackSimulator({ speedup: 10_000, rateLimits: false });
  hub = await startTestHub();
});
afterEach(async () => {
  await slack.close();
  await hub.close();
});

async function call(method: string, args: Record<string, unknown>, token = slack.credentials.bot_token) {
  const response = await fetch(`${slack.url}/api/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(args),
  });
  return (await response.json()) as Record<string, unknown> & { ts: string; message: Record<string, unknown> };
}

const bodyOf = (request: { body: Buffer } | undefined) => JSON.parse(String(request?.body));

test('checks tokens by Slack’s names and takes JSON and forms', async () => {
  expect(await call('auth.test', {}, '')).toEqual({ ok: false, error: 'not_authed' });
  expect(await call('auth.test', {}, 'xoxb-wrong')).toEqual({ ok: false, error: 'invalid_auth' });
  expect(await call('auth.test', {}, slack.credentials.app_token)).toMatchObject({ error: 'not_allowed_token_type' });
  expect(await call('no.such', {})).toEqual({ ok: false, error: 'unknown_method' });

  const form = new URLSearchParams({ token: slack.credentials.bot_token ?? '' });
  const response = await fetch(`${slack.url}/api/auth.test`, { method: 'POST', body: form });
  expect(await response.json()).toMatchObject({ ok: true, user_id: slack.botUserId, team_id: slack.teamId });
  expect(response.headers.get('x-oauth-scopes')).toContain('chat:write');
  expect(JSON.stringify(slack.calls)).not.toContain(slack.credentials.bot_token);
});

test('a mention in a channel is two signed events with one ts; a direct message is one', async () => {
  slack.setWebhook(hub.url);
  const sent = await slack.say({ chat: 'general', kind: 'group', text: 'a < b?', mentionBot: true });
  const requests = await hub.received(2);
  for (const { body, headers } of requests) {
    const base = `v0:${headers['x-slack-request-timestamp']}:${body}`;
    const secret = slack.credentials.signing_secret ?? '';
    expect(headers['x-slack-signature']).toBe(`v0=${createHmac('sha256', secret).update(base).digest('hex')}`);
    expect(headers['x-slack-retry-num']).toBeUndefined();
  }
  const events = requests.map(bodyOf);
  expect(events.map(({ event }) => event.type).sort()).toEqual(['app_mention', 'message']);
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(2);
  for (const { event, type, authorizations } of events) {
    expect(type).toBe('event_callback');
    expect(authorizations[0].user_id).toBe(slack.botUserId);
    expect(event).toMatchObject({ ts: sent.id, channel: sent.chat, text: `<@${slack.botUserId}> a &lt; b?` });
  }
  expect(slack.transcript('general')[0]?.text).toBe('@parley a < b?');

  await slack.say({ chat: 'dm', text: `<@${slack.botUserId}> hello` });
  const direct = bodyOf((await hub.received(3))[2]).event;
  expect(direct).toMatchObject({ type: 'message', channel_type: 'im', user: slack.userId('alice') });
});

test('replies carry thread_ts and parent_user_id; edits and deletions are told', async () => {
  slack.setWebhook(hub.url);
  const parent = await slack.say({ chat: 'dm', text: 'one' });
  await slack.say({ chat: 'dm', text: 'two', replyTo: parent.id });
  await slack.edit('dm', parent.id, 'uno');
  await slack.remove('dm', parent.id);
  const events = (await hub.received(4)).map((request) => bodyOf(request).event);
  expect(events.find(({ text }) => text === 'two')).toMatchObject({
    thread_ts: parent.id,
    parent_user_id: slack.userId('alice'),
  });
  expect(events.find(({ subtype }) => subtype === 'message_changed')).toMatchObject({
    message: { text: 'uno', ts: parent.id, edited: { user: slack.userId('alice') } },
    previous_message: { text: 'one' },
  });
  expect(events.find(({ subtype }) => subtype === 'message_deleted')).toMatchObject({ deleted_ts: parent.id });
});

test('the bot’s own post comes back as an event with its bot_id', async () => {
  const { chat } = await slack.say({ chat: 'dm', text: 'hi' });
  await call('chat.postMessage', { channel: chat, text: 'echo: hi' });
  slack.setWebhook(hub.url);
  const events = (await hub.received(2)).map((request) => bodyOf(request).event);
  expect(events.find(({ bot_id }) => bot_id !== undefined)).toMatchObject({ text: 'echo: hi', user: slack.botUserId });
});

test('redelivers at once, after 1 and after 5 minutes, with number and reason', async () => {
  await hub.close();
  hub = await startTestHub((_, number) => ({ status: number < 4 ? 500 : 200 }));
  slack.setWebhook(hub.url);
  await slack.say({ chat: 'dm', text: 'hi' });
  const requests = await hub.received(4);
  expect(requests.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([undefined, '1', '2', '3']);
  expect(requests[1]?.headers['x-slack-retry-reason']).toBe('http_error');
  expect(new Set(requests.map((request) => bodyOf(request).event_id)).size).toBe(1);
  await vi.waitFor(() => expect(slack.deliveries.map(({ status }) => status)).toEqual([500, 500, 500, 200]));
});

test('X-Slack-No-Retry ends the ladder', async () => {
  await hub.close();
  hub = await startTestHub((_, number) => ({ status: number === 1 ? 500 : 200, headers: { 'x-slack-no-retry': '1' } }));
  slack.setWebhook(hub.url);
  await slack.say({ chat: 'dm', text: 'first' });
  await hub.received(1);
  await slack.say({ chat: 'dm', text: 'second' });
  const requests = await hub.received(2);
  expect(requests.map((request) => bodyOf(request).event.text)).toEqual(['first', 'second']);
});

test('an event that is not acknowledged in time is sent again as http_timeout', async () => {
  await slack.close();
  slack = await startSlackSimulator({ speedup: 10_000, ackTimeoutMs: 30 });
  const stuck = Promise.withResolvers<object>();
  await hub.close();
  hub = await startTestHub((_, number) => (number === 1 ? stuck.promise : {}));
  slack.setWebhook(hub.url);
  await slack.say({ chat: 'dm', text: 'hi' });
  const [, second] = await hub.received(2);
  expect(second?.headers['x-slack-retry-reason']).toBe('http_timeout');
  stuck.resolve({});
});

test('urlVerification tells whether the challenge came back', async () => {
  slack.setWebhook(hub.url);
  expect(await slack.urlVerification()).toMatchObject({ ok: false, status: 200 });
  await hub.close();
  hub = await startTestHub((request) => ({ body: { challenge: bodyOf(request).challenge } }));
  slack.setWebhook(hub.url);
  expect(await slack.urlVerification()).toMatchObject({ ok: true });
});

test('a slash command is a signed form; its response_url takes five answers within 30 minutes', async () => {
  await hub.close();
  hub = await startTestHub(() => ({ body: { text: '*one* moment' } }));
  slack.setWebhook(hub.url);
  const { responseUrl } = await slack.slash({ chat: 'general', kind: 'group', command: '/ai', text: 'what is 1 + 1?' });
  const [request] = await hub.received(1);
  expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  const form = new URLSearchParams(String(request?.body));
  expect(Object.fromEntries(form)).toMatchObject({ command: '/ai', text: 'what is 1 + 1?', response_url: responseUrl });
  await slack.waitFor('general', ({ text }) => text === 'one moment');

  const answer = (body: object) =>
    fetch(responseUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect((await answer({})).status).toBe(400);
  for (const text of ['a', 'b', 'c', 'd']) {
    expect((await answer({ text, response_type: 'in_channel' })).status).toBe(200);
  }
  expect(await (await answer({ text: 'e' })).json()).toEqual({ ok: false, error: 'used_url' });

  const later = await slack.slash({ chat: 'general', command: '/ai', text: 'again' });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 60_000 });
  const late = await fetch(later.responseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"text":"late"}',
  });
  vi.useRealTimers();
  expect(await late.json()).toEqual({ ok: false, error: 'expired_url' });
});

test('a failing slash command is not repeated, and its person is told', async () => {
  await hub.close();
  hub = await startTestHub(() => ({ status: 500 }));
  slack.setWebhook(hub.url);
  await slack.slash({ chat: 'dm', command: '/ai' });
  const shown = await slack.waitFor('dm', ({ authorId }) => authorId === 'USLACKBOT');
  expect(shown.text).toContain('dispatch_failed');
  expect(hub.requests).toHaveLength(1);
});

test('throttles like Slack, by fault and by enforced limits', async () => {
  const { chat } = await slack.say({ chat: 'dm', text: 'hi' });
  slack.misbehave({ method: 'chat.postMessage', times: 1, action: { kind: 'rate_limit', retryAfterSeconds: 3 } });
  const headers = { authorization: `Bearer ${slack.credentials.bot_token}`, 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify({ channel: chat, text: 'x' }) };
  const limited = await fetch(`${slack.url}/api/chat.postMessage`, init);
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
  expect(await limited.json()).toEqual({ ok: false, error: 'ratelimited' });

  await slack.close();
  slack = await startSlackSimulator({ rateLimits: true });
  const { chat: other } = await slack.say({ chat: 'dm', text: 'hi' });
  const answers = [];
  for (let index = 0; index < 5; index += 1)
    answers.push((await call('chat.postMessage', { channel: other, text: 'x' })).ok);
  expect(answers).toEqual([true, true, true, false, false]);
});

test('cut connections: the outcome-unknown case posts the message all the same', async () => {
  const { chat } = await slack.say({ chat: 'dm', text: 'hi' });
  slack.misbehave({ times: 1, action: { kind: 'cut', when: 'after' } });
  await expect(call('chat.postMessage', { channel: chat, text: 'there' })).rejects.toThrow();
  await slack.waitFor('dm', ({ text, author }) => text === 'there' && author === 'bot');
  expect(slack.calls.at(-1)).toMatchObject({ method: 'chat.postMessage', status: 0 });
});
