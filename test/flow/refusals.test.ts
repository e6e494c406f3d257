import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encrypt, signatureHeaders as feishuSignature, startFeishuSimulator } from '@parley/simulators/feishu';
import { signatureHeaders as slackSignature } from '@parley/simulators/slack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { capture, send, type WebhookCall } from './helpers/capture.ts';
import { answered, botSaid, PLATFORM_NAMES, type PlatformName } from './helpers/chats.ts';
import { createCleanup } from './helpers/cleanup.ts';
import { metric } from './helpers/metrics.ts';

/** Who may not come in, over the real gateway: every request here is a genuine delivery, or one changed in one point. */
const cleanup = createCleanup();
let world: World;
let hub: TestHub;
let genuine: Record<PlatformName, WebhookCall>;
let plainFeishu: Awaited<ReturnType<typeof startFeishuSimulator>>;

beforeAll(async () => {
  world = cleanup.add(await createWorld());
  plainFeishu = cleanup.add(await startFeishuSimulator({ encrypt: false }));
  genuine = {
    slack: await capture(world.slack, { chat: 'captured', text: 'captured question' }),
    telegram: await capture(world.telegram, { chat: 'captured', text: 'captured question' }),
    feishu: await capture(world.feishu, { chat: 'captured', text: 'captured question' }),
  };
  const config = world.config();
  const plain = {
    id: 'feishu-plain',
    tenant: 'acme',
    platform: 'feishu',
    credentials: plainFeishu.credentials,
    api_base_url: plainFeishu.url,
  };
  hub = cleanup.add(await startHub({ config: { ...config, channels: [...config.channels, plain] } }));
  world.connect(hub.url);
  plainFeishu.setWebhook(urlOf('feishu', 'feishu-plain'));
});
afterAll(() => cleanup.run());

const urlOf = (platform: string, channel = platform) => `${hub.url}/webhooks/${platform}/${channel}`;
const refusals = (platform: string, code: string) =>
  metric(hub.url, 'parley_events_total', { platform, outcome: `refused_${code}` });
const nowSeconds = () => Math.floor(Date.now() / 1000);

/** The same body signed anew: at another time, or with another secret. */
const signedAnew = {
  slack: (body: string, { ageSeconds = 0, secret = world.slack.credentials.signing_secret ?? '' } = {}) => ({
    headers: { 'content-type': 'application/json', ...slackSignature(secret, body, nowSeconds() - ageSeconds) },
    body,
  }),
  feishu: (body: string, { ageSeconds = 0, secret = world.feishu.credentials.encrypt_key ?? '' } = {}) => ({
    headers: {
      'content-type': 'application/json',
      ...feishuSignature(body, secret, Date.now() - ageSeconds * 1000),
    },
    body,
  }),
  telegram: (body: string, { secret = world.telegram.credentials.webhook_secret ?? '' } = {}) => ({
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
    body,
  }),
};

const without = ({ headers, body }: WebhookCall, ...names: string[]): WebhookCall => ({
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase()))),
  body,
});
const withHeader = ({ headers, body }: WebhookCall, over: Record<string, string>): WebhookCall => ({
  headers: { ...headers, ...over },
  body,
});
const flipLast = (text: string) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');

/** Requests that nobody but an attacker or a broken proxy sends; each must be a 401. */
const UNAUTHORIZED: Record<PlatformName, Record<string, () => WebhookCall>> = {
  slack: {
    'a forged signature': () =>
      withHeader(genuine.slack, { 'x-slack-signature': flipLast(genuine.slack.headers['x-slack-signature'] ?? '') }),
    'a body changed on the way': () => ({ ...genuine.slack, body: genuine.slack.body.replace('captured', 'injected') }),
    'another time than was signed': () =>
      withHeader(genuine.slack, { 'x-slack-request-timestamp': String(nowSeconds() - 1000) }),
    'no signature': () => without(genuine.slack, 'x-slack-signature'),
    'no timestamp': () => without(genuine.slack, 'x-slack-request-timestamp'),
    'no headers at all': () => ({ headers: {}, body: genuine.slack.body }),
    'a stale signature': () => signedAnew.slack(genuine.slack.body, { ageSeconds: 400 }),
    'a signature from the future': () => signedAnew.slack(genuine.slack.body, { ageSeconds: -400 }),
    'another secret': () => signedAnew.slack(genuine.slack.body, { secret: 'not-the-secret' }),
    'a malformed body without a signature': () => ({ headers: { 'content-type': 'application/json' }, body: '{' }),
    'ssl_check without a signature': () => ({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'ssl_check=1&token=legacy',
    }),
    'url_verification without a signature': () => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'url_verification', challenge: 'x' }),
    }),
  },
  telegram: {
    'another secret': () => signedAnew.telegram(genuine.telegram.body, { secret: 'not-the-secret' }),
    'a secret that begins like the right one': () =>
      signedAnew.telegram(genuine.telegram.body, { secret: `${world.telegram.credentials.webhook_secret}x` }),
    'no secret': () => without(genuine.telegram, 'x-telegram-bot-api-secret-token'),
    'an empty secret': () => signedAnew.telegram(genuine.telegram.body, { secret: '' }),
    'a malformed body without a secret': () => ({ headers: { 'content-type': 'application/json' }, body: '{' }),
  },
  feishu: {
    'a forged signature': () =>
      withHeader(genuine.feishu, { 'x-lark-signature': flipLast(genuine.feishu.headers['x-lark-signature'] ?? '') }),
    'a body changed on the way': () => ({ ...genuine.feishu, body: ` ${genuine.feishu.body}` }),
    'another nonce than was signed': () => withHeader(genuine.feishu, { 'x-lark-request-nonce': '1' }),
    'no signature': () => without(genuine.feishu, 'x-lark-signature'),
    'no timestamp': () => without(genuine.feishu, 'x-lark-request-timestamp'),
    'no nonce': () => without(genuine.feishu, 'x-lark-request-nonce'),
    'no headers at all': () => ({ headers: {}, body: genuine.feishu.body }),
    'a stale signature': () => signedAnew.feishu(genuine.feishu.body, { ageSeconds: 9 * 3600 }),
    'a signature from the future': () => signedAnew.feishu(genuine.feishu.body, { ageSeconds: -600 }),
    'another secret': () => signedAnew.feishu(genuine.feishu.body, { secret: 'not-the-secret' }),
    'a malformed body without a signature': () => ({ headers: { 'content-type': 'application/json' }, body: '{' }),
    'a challenge encrypted with another key': () => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ encrypt: encrypt(challenge(world.feishu.credentials.verification_token), 'other') }),
    }),
    'a plain challenge with another token': () => ({
      headers: { 'content-type': 'application/json' },
      body: challenge('not-the-token'),
    }),
  },
};

function challenge(token: string | undefined): string {
  return JSON.stringify({ type: 'url_verification', challenge: 'c-1', token });
}

describe.each(PLATFORM_NAMES)('on %s', (name) => {
  test.each(Object.keys(UNAUTHORIZED[name]))('%s is a 401, and counted', async (what) => {
    const call = UNAUTHORIZED[name][what] as () => WebhookCall;
    const before = await refusals(name, 'unauthorized');
    const response = await send(urlOf(name), call());
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
    expect(await refusals(name, 'unauthorized')).toBe(before + 1);
  });

  test.each([
    ['not JSON', '{'],
    ['not an event', '[]'],
    ['empty', ''],
  ])('a body that is well signed but %s is a 400', async (_what, body) => {
    const before = await refusals(name, 'invalid_request');
    const response = await send(urlOf(name), signedAnew[name](body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } });
    expect(await refusals(name, 'invalid_request')).toBe(before + 1);
  });

  test.each(['signed', 'unsigned', 'chunked'] as const)('a body over 1 MiB, %s, is a 413', async (how) => {
    const before = await refusals(name, 'payload_too_large');
    const large = signedAnew[name](JSON.stringify({ text: 'x'.repeat(1024 * 1024) }));
    const response =
      how === 'chunked'
        ? await fetch(urlOf(name), { ...large, method: 'POST', body: new Blob([large.body]).stream(), duplex: 'half' })
        : await send(urlOf(name), how === 'signed' ? large : { headers: {}, body: large.body });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'payload_too_large' } });
    expect(await refusals(name, 'payload_too_large')).toBe(before + 1);
  });

  test('only POST is answered', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
      expect([404, 405]).toContain((await fetch(urlOf(name), { method })).status);
    }
  });

  test('none of this has reached a mailbox, and the genuine request still does, once', async () => {
    expect(await metric(hub.url, 'parley_events_total', { platform: name, outcome: 'accepted' })).toBe(0);
    expect((await send(urlOf(name), genuine[name])).status).toBe(200);
    await answered(world[name], 'captured', 'captured question');
    // A replay inside the time window is genuine to the eye; it is the dedupe that stops it.
    expect((await send(urlOf(name), genuine[name])).status).toBe(200);
    expect(await metric(hub.url, 'parley_events_total', { platform: name, outcome: 'duplicate' })).toBe(1);
    expect(botSaid(world[name], 'captured')).toHaveLength(1);
  });
});

test('an unknown channel is a 404 with the same bytes for everybody', async () => {
  const bodies = new Set<string>();
  const headers = new Set<string>();
  for (const platform of PLATFORM_NAMES) {
    const others = PLATFORM_NAMES.filter((other) => other !== platform);
    for (const channel of ['nobody', 'constructor', '%00', 'x'.repeat(64), 'x'.repeat(5000), ...others]) {
      const before = await refusals(platform, 'not_found');
      for (const call of [genuine[platform], { headers: {}, body: '{' }, { headers: {}, body: '' }]) {
        const response = await send(urlOf(platform, channel), call);
        expect(response.status, `${platform}/${channel}`).toBe(404);
        bodies.add(await response.text());
        headers.add([...response.headers.keys()].sort().join());
      }
      expect(await refusals(platform, 'not_found')).toBe(before + 3);
    }
  }
  const stranger = await send(`${hub.url}/webhooks/carrier-pigeon/nobody`, { headers: {}, body: '{}' });
  bodies.add(await stranger.text());
  expect([...bodies]).toHaveLength(1);
  expect([...headers]).toHaveLength(1);
});

describe('handshakes', () => {
  test('Slack: the signed challenge comes back, and a signed ssl_check is nothing but a handshake', async () => {
    expect(await world.slack.urlVerification()).toMatchObject({ ok: true });
    const body = 'ssl_check=1&token=legacy';
    const form = withHeader(signedAnew.slack(body), { 'content-type': 'application/x-www-form-urlencoded' });
    expect((await send(urlOf('slack'), form)).status).toBe(200);
    expect(await metric(hub.url, 'parley_events_total', { platform: 'slack', outcome: 'handshake' })).toBe(2);
  });

  test('Feishu: encrypted, and plain for an app without an Encrypt Key', async () => {
    expect(await world.feishu.checkUrl()).toMatchObject({ passed: true });
    expect(await plainFeishu.checkUrl()).toMatchObject({ passed: true });
  });

  test('Feishu without an Encrypt Key: the token is what counts', async () => {
    const call = await capture(plainFeishu, { chat: 'plain', text: 'plain question' });
    const forged = { ...call, body: call.body.replaceAll(plainFeishu.credentials.verification_token ?? '', 'forged') };
    const url = urlOf('feishu', 'feishu-plain');
    expect((await send(url, forged)).status).toBe(401);
    expect((await send(url, { ...call, body: challenge('forged') })).status).toBe(401);
    expect((await send(url, { ...call, body: '{' })).status).toBeGreaterThanOrEqual(400);
    expect((await send(url, call)).status).toBe(200);
    await answered(plainFeishu, 'plain', 'plain question');
  });
});

test('content types may say more than the bare type', async () => {
  const json = await capture(world.slack, { chat: 'charset', text: 'with a charset' });
  const withCharset = withHeader(json, { 'content-type': 'application/json; charset=utf-8' });
  expect((await send(urlOf('slack'), withCharset)).status).toBe(200);
  await answered(world.slack, 'charset', 'with a charset');

  const fields = { team_id: world.slack.teamId, channel_id: world.slack.chatId('charset'), user_id: 'U123' };
  const command = { command: '/ai', text: 'help', trigger_id: '1.2.3', response_url: `${world.slack.url}/none` };
  const form = signedAnew.slack(new URLSearchParams({ ...fields, ...command }).toString());
  const type = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  expect((await send(urlOf('slack'), withHeader(form, type))).status).toBe(200);
  const odd = withHeader(signedAnew.slack('<xml/>'), { 'content-type': 'text/xml' });
  expect((await send(urlOf('slack'), odd)).status).toBe(400);
});

test('an attacker cannot fill the log', () => {
  const refused = hub.logs.filter(({ msg }) => msg === 'webhook refused');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(20);
});

test('no credential is in anything the hub has printed, not even after failures', async () => {
  world.connect(hub.url);
  for (const name of PLATFORM_NAMES) {
    world[name].misbehave({ times: 1, action: { kind: 'cut', when: 'before' } });
    world[name].misbehave({ times: 1, action: { kind: 'status', status: 500, body: 'oops' } });
    const stop = world.openai.misbehave({ times: 1, action: { kind: 'unauthorized' } });
    await world[name].say({ chat: 'leak', text: 'will this leak' });
    await until('a reply', () => botSaid(world[name], 'leak').length > 0);
    stop();
  }
  const printed = hub.logs.map((line) => JSON.stringify(line)).join('\n') + hub.stderr();
  const masterKey = (await readFile(join(hub.dataDir, 'master.key'), 'utf8')).trim();
  const secrets = [...world.platforms, plainFeishu].flatMap(({ credentials }) =>
    Object.entries(credentials).flatMap(([name, value]) => (name === 'app_id' ? [] : [value])),
  );
  for (const secret of [...secrets, 'sk-sim', masterKey]) {
    for (const spelling of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      expect(printed.includes(spelling), `a credential of ${secret.length} characters was printed`).toBe(false);
    }
  }
  expect(printed).not.toMatch(/will this leak|captured question/);
});
