import type { ReplyTarget } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { formatReply } from './format.ts';
import { createMessages } from './messages.ts';
import { createSender } from './send.ts';
import { type FakeFeishu, json, makeChannel, makeDeps, startFeishu } from './testing.ts';

let feishu: FakeFeishu;
let deps: ReturnType<typeof makeDeps>;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  feishu = await startFeishu();
  deps = makeDeps();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await feishu.close();
});

function clientFor(options: { timeoutMs?: number; url?: string } = {}) {
  const client = createClient(makeChannel({ api_base_url: options.url ?? feishu.url }), deps, options);
  open.push(client);
  return client;
}
const sender = (options: { timeoutMs?: number; url?: string } = {}) => createSender(createMessages(clientFor(options)));

const direct: ReplyTarget = { chat: { id: 'oc_dm', kind: 'direct' }, messageId: 'om_q', senderId: 'ou_a' };
const group: ReplyTarget = { chat: { id: 'oc_g', kind: 'group' }, messageId: 'om_q', senderId: 'ou_a' };
const [part] = formatReply('**hello** <at id=all></at>');
if (!part) throw new Error('nothing to send');
const options = { idempotencyKey: 'turn-1-0' };

describe('tokens', () => {
  it('are fetched once for calls that start together, and shared with other processes', async () => {
    const send = sender();
    await Promise.all(Array.from({ length: 5 }, () => send.postMessage(direct, part, options)));
    await sender().postMessage(direct, part, options);
    expect(feishu.calls.filter((call) => call.path.includes('/auth/'))).toHaveLength(1);
    expect([...deps.values.keys()]).toEqual([
      expect.stringMatching(/^feishu:acme:acme-feishu:cli_9f5343c580712544@.*:token$/),
    ]);
  });

  it('are replaced once when Feishu no longer takes them', async () => {
    const send = sender();
    await send.postMessage(direct, part, options);
    feishu.route((call, response) =>
      call.authorization === 'Bearer t-token1' && !call.path.includes('/auth/')
        ? json(response, 400, { code: 99991663, msg: 'Invalid access token' })
        : false,
    );
    await send.postMessage(direct, part, options);
    expect(feishu.apiCalls().map((call) => call.authorization)).toEqual([
      'Bearer t-token1',
      'Bearer t-token1',
      'Bearer t-token2',
    ]);
    // The refused one is gone from the shared cache too.
    await sender().postMessage(direct, part, options);
    expect(feishu.apiCalls().at(-1)?.authorization).toBe('Bearer t-token2');
  });

  it('give up after one replacement', async () => {
    feishu.route((call, response) =>
      call.path.includes('/auth/') ? false : json(response, 400, { code: 99991663, msg: 'Invalid access token' }),
    );
    await expect(sender().postMessage(direct, part, options)).rejects.toMatchObject({ code: 'platform_unauthorized' });
    expect(feishu.apiCalls()).toHaveLength(2);
  });

  it('report a wrong secret, without having sent anything', async () => {
    feishu.route((call, response) =>
      call.path.includes('/auth/') ? json(response, 200, { code: 10014, msg: 'app secret invalid' }) : false,
    );
    await expect(sender().postMessage(direct, part, options)).rejects.toMatchObject({
      code: 'platform_unauthorized',
      outcomeUnknown: false,
    });
    expect(feishu.apiCalls()).toEqual([]);
  });

  it('may be unavailable, without anything having been sent', async () => {
    feishu.route((call, response) => (call.path.includes('/auth/') ? json(response, 503, {}) : false));
    await expect(sender().postMessage(direct, part, options)).rejects.toMatchObject({
      code: 'platform_unavailable',
      outcomeUnknown: false,
    });
  });

  it('do without the shared cache when that is away', async () => {
    const away = () => Promise.reject(new Error('redis is away'));
    deps = makeDeps({ cache: { get: away, set: away } });
    const send = sender();
    await send.postMessage(direct, part, options);
    await send.postMessage(direct, part, options);
    expect(feishu.calls.filter((call) => call.path.includes('/auth/'))).toHaveLength(1);
  });
});

describe('lost calls', () => {
  it('leave the outcome open when no answer comes in time', async () => {
    feishu.route((call) => call.path.includes('/messages'));
    await expect(sender({ timeoutMs: 100 }).postMessage(group, part, options)).rejects.toMatchObject({
      code: 'platform_unavailable',
      outcomeUnknown: true,
      message: expect.stringContaining('im.message.reply'),
    });
  });

  it('leave the outcome open when the socket is cut', async () => {
    feishu.route(
      (call, _response, request) => call.path.includes('/messages') && request.socket.destroy() !== undefined,
    );
    await expect(sender().postMessage(group, part, options)).rejects.toMatchObject({
      code: 'platform_unavailable',
      outcomeUnknown: true,
    });
  });

  it('leave the outcome open when the caller gives up midway, and not before', async () => {
    const controller = new AbortController();
    feishu.route((call) => {
      if (!call.path.includes('/messages')) return false;
      controller.abort();
      return true;
    });
    const send = sender();
    const signal = controller.signal;
    await expect(send.postMessage(group, part, { ...options, signal })).rejects.toMatchObject({ outcomeUnknown: true });
    await expect(send.postMessage(group, part, { ...options, signal })).rejects.toMatchObject({
      outcomeUnknown: false,
    });
    expect(feishu.apiCalls()).toHaveLength(1);
  });

  it('are known to have done nothing when nobody listens or no token comes', async () => {
    const url = feishu.url;
    await feishu.close();
    await expect(sender({ url }).postMessage(group, part, options)).rejects.toMatchObject({
      code: 'platform_unavailable',
      outcomeUnknown: false,
    });
    feishu = await startFeishu();
    feishu.route((call) => call.path.includes('/auth/'));
    await expect(sender({ timeoutMs: 100 }).postMessage(group, part, options)).rejects.toMatchObject({
      code: 'platform_unavailable',
      outcomeUnknown: false,
    });
  });
});
