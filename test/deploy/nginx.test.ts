import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { capture, send } from '../flow/helpers/capture.ts';
import { answered, PLATFORM_NAMES } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { metric } from '../flow/helpers/metrics.ts';
import { startSharedServices } from '../flow/helpers/shared-services.ts';
import { createWorld, startHub, type TestHub, until, type World } from '../support/index.ts';
import { startNginx, type TestNginx } from './support/nginx.ts';
import { findProgram } from './support/programs.ts';

/** The real nginx with deploy/nginx, between the platforms and two real gateways. */
const nginx = findProgram('nginx', 'nginx');
const cleanup = createCleanup();
const KEY = 'key-for-the-proxy-test';
let world: World;
let gateways: TestHub[];
let proxy: TestNginx;

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(nginx.missing)(`nginx in front of two gateways ${nginx.note}`, () => {
  beforeAll(async () => {
    world = cleanup.add(await createWorld());
    const shared = cleanup.add(await startSharedServices());
    await runCommand(['migrate'], shared.folder, shared.env);
    const config = world.config({ apiKeys: [{ id: 'web', tenant: 'acme', key: KEY }] });
    const start = async (role: 'gateway' | 'worker') => {
      const hub = await startHub({ role, config, env: { ...shared.env, HOST: '127.0.0.1' } });
      cleanup.add({ stop: () => hub.kill().then(hub.stop) });
      return hub;
    };
    [gateways] = await Promise.all([Promise.all([start('gateway'), start('gateway')]), start('worker')]);
    proxy = cleanup.add(
      await startNginx(
        nginx.path,
        gateways.map(({ url }) => new URL(url).host),
      ),
    );
    world.connect(proxy.url);
  });
  afterAll(() => cleanup.run());

  test('nginx -t finds nothing wrong', () => {
    expect(proxy.checked).toMatch(/test is successful/);
    expect(proxy.checked).not.toMatch(/\[(error|emerg|alert|crit)\]/);
  });

  test('TLS 1.3 by choice, 1.2 if it must be, nothing older', async () => {
    const version = async (options: object) => {
      const socket = proxy.tls(options);
      await once(socket, 'secureConnect');
      const protocol = socket.getProtocol();
      socket.destroy();
      return protocol;
    };
    expect(await version({})).toBe('TLSv1.3');
    expect(await version({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
    await expect(version(old)).rejects.toThrow(/alert|protocol|version/i);
  });

  test('HTTP/2, and what only those inside may see is not there', async () => {
    const session = connectHttp2('https://localhost', { createConnection: () => proxy.tls({ ALPNProtocols: ['h2'] }) });
    const get = async (path: string) => {
      const stream = session.request({ ':path': path });
      const [headers] = (await once(stream, 'response')) as [Record<string, string | number>];
      return { status: headers[':status'], hsts: headers['strict-transport-security'], body: await text(stream) };
    };
    expect(await get('/health')).toMatchObject({
      status: 200,
      body: '{"status":"ok"}',
      hsts: expect.stringMatching(/max-age/),
    });
    for (const path of ['/metrics', '/ready', '/webhooks/alertmanager/slack/C1'])
      expect(await get(path)).toMatchObject({ status: 404, body: expect.stringContaining('nginx') });
    session.close();
  });

  test('plain HTTP is sent to HTTPS', async () => {
    const socket = proxy.plain();
    socket.end('GET /docs?x=1 HTTP/1.0\r\nHost: bots.example\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 308 /);
    expect(answer).toMatch(/\r\nLocation: https:\/\/bots\.example\/docs\?x=1\r\n/);
  });

  test('signed webhooks of every platform arrive byte for byte, by both gateways', async () => {
    for (const name of PLATFORM_NAMES) {
      for (let i = 0; i < 4; i++) await world[name].say({ chat: `through-${i}`, text: `question ${i}` });
      for (let i = 0; i < 4; i++) await answered(world[name], `through-${i}`, `question ${i}`);
      expect(world[name].deliveries.every(({ status }) => status === 200)).toBe(true);
    }
    for (const { url } of gateways)
      expect(await metric(url, 'parley_events_total', { outcome: 'accepted' })).toBeGreaterThan(0);
  });

  test('a body that was changed on its way is refused by the gateway', async () => {
    const call = await capture(world.slack, { chat: 'changed', text: 'pay 10' });
    const answer = await send(`${proxy.url}/webhooks/slack/slack`, { ...call, body: call.body.replace('10', '99') });
    expect(answer.status).toBe(401);
    expect((await send(`${proxy.url}/webhooks/slack/slack`, call)).status).toBe(200);
    world.connect(proxy.url);
  });

  test('an answer is passed on while it is written, and a caller who leaves stops it', async () => {
    const restore = world.openai.misbehave({ action: { kind: 'stall', afterTokens: 1 } });
    const leave = new AbortController();
    const response = await fetch(`${proxy.url}/v1/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'tell me much' }] }),
      signal: leave.signal,
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    // The model has stopped in the middle: what arrives now was kept back by nobody.
    const first = await response.body?.pipeThrough(new TextDecoderStream()).getReader().read();
    expect(first?.value).toMatch(/^data: \{"delta":"/);
    expect(world.openai.requests.at(-1)?.outcome).toBe('open');
    leave.abort();
    await until('the model hears of it', () => world.openai.requests.at(-1)?.outcome === 'client_left');
    restore();
  });

  test('a body that is too large ends at nginx', async () => {
    const post = (bytes: number) =>
      fetch(`${proxy.url}/webhooks/slack/slack`, { method: 'POST', body: 'x'.repeat(bytes) });
    const refused = await post(1024 * 1024 + 1);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ error: { code: 'payload_too_large' } });
    // As much as the hub takes does reach it, and is refused for another reason.
    expect((await post(1024 * 1024)).status).toBe(401);
  });

  test('a gateway that dies costs no webhook; without any the platform is told to come again', async () => {
    await gateways[0]?.kill();
    for (let i = 0; i < 6; i++) await world.telegram.say({ chat: `one-left-${i}`, text: `still there ${i}?` });
    for (let i = 0; i < 6; i++) await answered(world.telegram, `one-left-${i}`, `still there ${i}?`);
    expect(world.telegram.deliveries.slice(-6).map(({ status }) => status)).toEqual(Array(6).fill(200));
    await gateways[1]?.kill();
    const refused = await fetch(`${proxy.url}/webhooks/telegram/telegram`, { method: 'POST', body: '{}' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ error: { code: 'unavailable' } });
  });
});
