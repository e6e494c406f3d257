import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { botSaid, PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';

/** Alertmanager's webhook from outside: what it posts arrives in the chat, on every platform. */
const cleanup = createCleanup();
const TOKEN = 'a-token-only-for-these-tests';
let world: World;
let hub: TestHub;

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  hub = cleanup.add(await startHub({ config: world.config(), env: { PARLEY_ALERTMANAGER_TOKEN: TOKEN } }));
  world.connect(hub.url);
});
afterAll(() => cleanup.run());

const anAlert = (over: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'ParleyQueueOld', severity: 'critical', instance: 'worker-1' },
  annotations: { summary: 'A conversation waits 90s', runbook_url: 'https://git.example.com/runbooks/queue-age.md' },
  startsAt: '2026-11-21T07:00:00.123Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph',
  fingerprint: 'f1',
  ...over,
});
const aGroup = (over: object = {}) => ({
  version: '4',
  groupKey: '{}:{alertname="ParleyQueueOld"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'chat',
  groupLabels: { alertname: 'ParleyQueueOld' },
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager:9093',
  alerts: [anAlert()],
  ...over,
});
async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${hub.url}/webhooks/alertmanager/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
}
/** A chat that the bot is in: somebody has spoken there. */
async function aChat(platform: (typeof PLATFORM_NAMES)[number], name: string): Promise<string> {
  await world[platform].say({ chat: name, text: 'hello' });
  await until('the answer', () => botSaid(world[platform], name).length === 1);
  return world[platform].transcript(name)[0]?.chat ?? name;
}
const alertsIn = (platform: (typeof PLATFORM_NAMES)[number], chat: string) => botSaid(world[platform], chat).slice(1);

describe.each(PLATFORM_NAMES)('%s', (platform) => {
  test('an alert and its end become two messages, each once', async () => {
    const chat = await aChat(platform, `ops-${platform}`);
    const path = `${platform}/${encodeURIComponent(chat)}`;
    expect(await post(path, aGroup())).toMatchObject({ status: 200, body: { status: 'posted' } });
    // Another Alertmanager of the same cluster, or one that never saw the answer.
    expect(await post(path, aGroup())).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    const ended = aGroup({ status: 'resolved', alerts: [anAlert({ status: 'resolved' })] });
    expect(await post(path, ended)).toMatchObject({ status: 200, body: { status: 'posted' } });
    const [firing = '', resolved = '', ...more] = alertsIn(platform, chat);
    expect(more).toEqual([]);
    expect(firing).toMatch(/FIRING[\s\S]*🔴 ParleyQueueOld · critical[\s\S]*A conversation waits 90s[\s\S]*runbook/);
    expect(JSON.stringify(world[platform].calls)).toContain('https://git.example.com/runbooks/queue-age.md');
    expect(resolved).toMatch(/RESOLVED[\s\S]*🟢 ParleyQueueOld/);
    expect(resolved).not.toContain('runbook');
  });

  test('while the platform is away Alertmanager is told to come again, and then it arrives', async () => {
    const chat = await aChat(platform, `away-${platform}`);
    const path = `${platform}/${encodeURIComponent(chat)}`;
    const restore = world[platform].misbehave({ action: { kind: 'status', status: 500 } });
    const refused = await post(path, aGroup());
    expect(refused).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    expect(refused.body).toMatchObject({ error: { code: 'unavailable' } });
    const told = () => hub.logs.find(({ msg, channel }) => msg === 'alerts not posted' && channel === platform);
    expect(await until('the reason in the log', told)).toMatchObject({ reason: expect.stringContaining('platform_') });
    restore();
    expect(await post(path, aGroup())).toMatchObject({ status: 200, body: { status: 'posted' } });
    expect(alertsIn(platform, chat)).toHaveLength(1);
  });
});

test('at most ten alerts, those that fire first, and what alerts say is no markup', async () => {
  const chat = await aChat('slack', 'many');
  const resolved = anAlert({ status: 'resolved', labels: { alertname: 'Over' }, fingerprint: 'r' });
  const many = Array.from({ length: 12 }, (_, i) => anAlert({ labels: { alertname: `A${i}` }, fingerprint: `f${i}` }));
  const wild = anAlert({ annotations: { summary: '**@here** [x](https://evil.example) `y`\n# z' }, fingerprint: 'w' });
  await post(`slack/${chat}`, aGroup({ alerts: [resolved, wild, ...many], truncatedAlerts: 3 }));
  const [text = ''] = alertsIn('slack', chat);
  expect(text).toContain('FIRING × 13');
  expect(text).toContain('@here (x)(https://evil.example) y z');
  expect(text).toContain('A8');
  expect(text).not.toMatch(/A9|Over/);
  expect(text).toContain('… + 7');
});

test('who shows no token, or a wrong one, learns nothing', async () => {
  for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
    for (const path of ['slack/C1', 'nobody/C1']) {
      const refused = await post(path, 'not even JSON', { authorization });
      expect(refused).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
      expect(JSON.stringify(refused.body)).not.toContain(TOKEN);
    }
  }
  expect(JSON.stringify(hub.logs)).not.toContain(TOKEN);
});

test('an unknown channel is not there, whatever is wrong besides', async () => {
  expect(await post('nobody/C1', aGroup())).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
});

test.each([
  ['no JSON', '{', 400],
  ['another version', aGroup({ version: '3' }), 400],
  ['no alerts', aGroup({ alerts: [] }), 400],
  ['a date that is none', aGroup({ alerts: [anAlert({ startsAt: 'yesterday' })] }), 400],
  ['over 1 MiB', aGroup({ groupKey: 'x'.repeat(1024 * 1024) }), 413],
])('%s is refused', async (_what, body, status) => {
  expect((await post('slack/C1', body)).status).toBe(status);
});

test('without a token the path does not exist', async () => {
  const plain = cleanup.add(await startHub({ config: world.config() }));
  const path = '/webhooks/alertmanager/slack/C1';
  const answer = await fetch(plain.url + path, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } });
  expect(answer.status).toBe(404);
});
