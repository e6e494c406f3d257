import type { Adapter } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAdapter } from './index.ts';
import {
  BOT_OPEN_ID,
  ENCRYPT_KEY,
  type FakeFeishu,
  fixture,
  json,
  makeChannel,
  makeDeps,
  plainRequest,
  signedRequest,
  startFeishu,
  VERIFICATION_TOKEN,
} from './testing.ts';

let feishu: FakeFeishu;
let adapter: Adapter;

function make(): Adapter {
  const channel = makeChannel(
    { api_base_url: `${feishu.url}/` },
    { encrypt_key: ENCRYPT_KEY, verification_token: VERIFICATION_TOKEN },
  );
  return createAdapter(channel, makeDeps());
}

beforeEach(async () => {
  feishu = await startFeishu();
  adapter = make();
});
afterEach(async () => {
  await adapter.close();
  await feishu.close();
});

describe('webhook', () => {
  it('takes a message and answers 200', async () => {
    const result = await adapter.handleWebhook(signedRequest(fixture('text_group_mention')));
    expect(result.response).toEqual({ status: 200, body: {} });
    expect(result.events).toMatchObject([{ kind: 'message', message: { addressed: 'mention' } }]);
  });

  it('asks Feishu who the bot is only where it must, and only once', async () => {
    await adapter.handleWebhook(signedRequest(fixture('text_direct')));
    expect(feishu.calls).toEqual([]);
    await Promise.all(
      ['text_group_mention', 'text_group_command', 'post_group_mention'].map((name) =>
        adapter.handleWebhook(signedRequest(fixture(name))),
      ),
    );
    expect(feishu.apiCalls().map((call) => call.path)).toEqual(['/open-apis/bot/v3/info']);
  });

  it('wants the message again when Feishu does not say who the bot is', async () => {
    feishu.route((call, response) => (call.path.endsWith('/info') ? json(response, 500, {}) : false));
    const request = signedRequest(fixture('text_group_mention'));
    await expect(adapter.handleWebhook(request)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('answers the handshake', async () => {
    const { response, events } = await adapter.handleWebhook(plainRequest(fixture('url_verification')));
    expect(response).toEqual({ status: 200, body: { challenge: 'ajls384kdjx98XX' } });
    expect(events).toEqual([{ kind: 'ignored', reason: 'handshake' }]);
  });

  it('answers card callbacks at once', async () => {
    const { response, events } = await adapter.handleWebhook(signedRequest(fixture('card_action')));
    expect(response).toEqual({ status: 200, body: {} });
    expect(events).toEqual([{ kind: 'ignored', reason: 'unsupported_event' }]);
  });

  it('believes nothing that is not signed', async () => {
    const request = plainRequest(fixture('text_direct'));
    await expect(adapter.handleWebhook(request)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('fetchFile', () => {
  const message = { id: 'om_1', chat: { id: 'oc_1', kind: 'direct' as const } };
  const file = { id: 'file_v2_1', kind: 'file' as const };

  function serve(body: Buffer, headers: Record<string, string> = {}) {
    feishu.route((call, response) => {
      if (!call.path.includes('/resources/')) return false;
      response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers });
      response.end(body);
      return true;
    });
  }

  it('gives the bytes', async () => {
    serve(Buffer.from('bytes'));
    const bytes = await adapter.fetchFile?.(message, file, 5);
    expect(Buffer.from(bytes ?? []).toString()).toBe('bytes');
    expect(feishu.apiCalls()).toMatchObject([
      { path: '/open-apis/im/v1/messages/om_1/resources/file_v2_1', query: { type: 'file' } },
    ]);
    await adapter.fetchFile?.(message, { id: 'img_1', kind: 'image' }, 5);
    expect(feishu.apiCalls().at(-1)?.query).toEqual({ type: 'image' });
  });

  it('takes a JSON file for a file', async () => {
    serve(Buffer.from('{"code":1}'), {
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="a.json"',
    });
    expect(await adapter.fetchFile?.(message, file, 100)).toHaveLength(10);
  });

  it('stops at the bound', async () => {
    serve(Buffer.alloc(200_000));
    await expect(adapter.fetchFile?.(message, file, 100_000)).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  it('reports a refusal', async () => {
    feishu.route((call, response) =>
      call.path.includes('/resources/') ? json(response, 400, { code: 234003, msg: 'File not in message.' }) : false,
    );
    await expect(adapter.fetchFile?.(message, file, 100)).rejects.toMatchObject({ code: 'platform_rejected' });
    await expect(adapter.fetchFile?.(message, { id: 's', kind: 'sticker' }, 9)).rejects.toMatchObject({
      code: 'platform_rejected',
    });
  });

  it('reports a download that was cut', async () => {
    feishu.route((call, response) => {
      if (!call.path.includes('/resources/')) return false;
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '1000' });
      response.write('half');
      setImmediate(() => response.destroy());
      return true;
    });
    await expect(adapter.fetchFile?.(message, file, 9999)).rejects.toMatchObject({ code: 'platform_unavailable' });
  });
});

describe('probe', () => {
  it('says who the bot is and what is left to set', async () => {
    const { identity, hints } = await adapter.probe();
    expect(identity).toBe(`Parley (${BOT_OPEN_ID})`);
    expect(hints.join('\n')).toContain('/webhooks/feishu/acme-feishu');
    expect(hints.join('\n')).toContain('im.message.receive_v1');
  });

  it('rejects with what is wrong', async () => {
    feishu.route((call, response) =>
      call.path.includes('/auth/') ? json(response, 400, { code: 10003, msg: 'invalid param' }) : false,
    );
    await expect(adapter.probe()).rejects.toMatchObject({ code: 'platform_unauthorized' });
  });
});

it('is only for Feishu channels', () => {
  const channel = { ...makeChannel(), platform: 'slack' } as unknown as Parameters<typeof createAdapter>[0];
  expect(() => createAdapter(channel, makeDeps())).toThrow(expect.objectContaining({ code: 'invalid_config' }));
});
