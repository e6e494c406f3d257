import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Adapter, ReplyTarget } from '@parley/core/adapter';
import { WebAPIRequestError } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slackApiUrl } from './client.ts';
import { toPlatformError } from './errors.ts';
import { createAdapter } from './index.ts';
import { cut, cutInAnswer, type FakeApi, ok, refuse, startApi, status } from './testkit/api.ts';
import { makeChannel, makeDeps } from './testkit/index.ts';

const POST = '/api/chat.postMessage';
const channelTarget: ReplyTarget = {
  chat: { id: 'C0LAN2Q65', kind: 'group' },
  messageId: '1763683200.000016',
  senderId: 'U061F7AUR',
};
const directTarget: ReplyTarget = { ...channelTarget, chat: { id: 'D024BE91L', kind: 'direct' } };
const part = { payload: { blocks: [{ type: 'markdown', text: '**a** < b' }] }, plain: 'a < b' };
const options = { idempotencyKey: 'turn-1-0' };

let api: FakeApi;
let adapter: Adapter;
let deps: ReturnType<typeof makeDeps>;
beforeEach(async () => {
  api = await startApi();
  deps = makeDeps();
  adapter = createAdapter(makeChannel({ api_base_url: api.url }), deps);
});
afterEach(async () => {
  await adapter.close();
  await api.close();
});
const post = (target = channelTarget) => adapter.postMessage(target, part, options);

test.each([
  [undefined, 'https://slack.com/api/'],
  ['http://127.0.0.1:9001', 'http://127.0.0.1:9001/api/'],
  ['http://127.0.0.1:9001/', 'http://127.0.0.1:9001/api/'],
  ['http://127.0.0.1:9001/api', 'http://127.0.0.1:9001/api/'],
  ['http://127.0.0.1:9001/api/', 'http://127.0.0.1:9001/api/'],
  ['https://proxy.example/slack', 'https://proxy.example/slack/api/'],
])('api_base_url %s means %s', (given, expected) => expect(slackApiUrl(given)).toBe(expected));

describe('postMessage', () => {
  test('opens a thread under the question in a channel', async () => {
    api.on(POST, ok({ channel: 'C0LAN2Q65', ts: '1763683201.000100' }));
    expect(await post()).toEqual({ messageId: '1763683201.000100', refs: ['1763683201.000100'] });
    const headers = api.calls[0]?.headers ?? {};
    const fields = api.calls[0]?.fields ?? {};
    expect(headers.authorization).toBe('Bearer xoxb-test');
    expect(fields).toMatchObject({
      channel: 'C0LAN2Q65',
      thread_ts: '1763683200.000016',
      text: 'a &lt; b',
      unfurl_links: 'false',
      unfurl_media: 'false',
    });
    expect(JSON.parse(fields.blocks ?? '')).toEqual(part.payload.blocks);
    expect(JSON.parse(fields.metadata ?? '')).toEqual({
      event_type: 'parley_turn',
      event_payload: { key: 'turn-1-0' },
    });
  });

  test('stays where the question was', async () => {
    api.on(POST, ok({ channel: 'D024BE91L', ts: '1763683201.000100' }));
    expect(await post(directTarget)).toEqual({ messageId: '1763683201.000100', refs: ['1763683201.000100'] });
    await post({ ...directTarget, thread: '1763683100.000001' });
    await post({ ...channelTarget, thread: '1763683100.000001' });
    await post({ ...channelTarget, messageId: '13345224609.738474920.8088930838d88f008e0' });
    expect(api.calls.map(({ fields }) => fields.thread_ts)).toEqual([
      undefined,
      '1763683100.000001',
      '1763683100.000001',
      undefined,
    ]);
  });

  test.each(['invalid_blocks', 'msg_blocks_too_long', 'invalid_arguments'])(
    'sends plain text after %s',
    async (error) => {
      api.on(POST, refuse(error), ok({ channel: 'C0LAN2Q65', ts: '1763683201.000100' }));
      expect((await post()).messageId).toBe('1763683201.000100');
      expect(api.calls).toHaveLength(2);
      expect(api.calls[1]?.fields).toMatchObject({ text: 'a &lt; b', blocks: '[]', mrkdwn: 'false' });
    },
  );

  test('sockets are kept for the next call', async () => {
    let sockets = 0;
    api.server.on('connection', () => {
      sockets += 1;
    });
    api.on(POST, ok({ channel: 'C0LAN2Q65', ts: '1763683201.000100' }));
    for (let call = 0; call < 5; call += 1) await post();
    // A call may begin before the socket of the one before it is free again: two, but never one each.
    expect(sockets).toBeLessThanOrEqual(2);
  });
});

describe('errors', () => {
  const code = (wanted: string, outcomeUnknown = false) => ({ code: wanted, outcomeUnknown });
  test.each([
    ['429', status(429, { 'retry-after': '7' }), { ...code('platform_rate_limited'), retryAfterMs: 7000 }],
    ['429 without Retry-After', status(429), { ...code('platform_rate_limited'), retryAfterMs: undefined }],
    ['ratelimited', refuse('ratelimited'), code('platform_rate_limited')],
    ['invalid_auth', refuse('invalid_auth'), code('platform_unauthorized')],
    ['missing_scope', refuse('missing_scope', { needed: 'chat:write' }), code('platform_unauthorized')],
    ['not_in_channel', refuse('not_in_channel'), code('platform_rejected')],
    ['internal_error', refuse('internal_error'), code('platform_unavailable', true)],
    ['503', status(503, { 'retry-after': '3' }), { ...code('platform_unavailable'), retryAfterMs: 3000 }],
    ['502', status(502), code('platform_unavailable', true)],
    ['404', status(404), code('platform_rejected')],
    ['a redirect', status(302, { location: 'http://127.0.0.1:1/' }), code('platform_unavailable', true)],
    ['a page instead of JSON', status(200, {}, '<html>captive portal</html>'), code('platform_unavailable', true)],
    ['an answer without a message', ok(), code('platform_unavailable', true)],
    ['a cut socket', cut, code('platform_unavailable', true)],
    ['an answer cut in the middle', cutInAnswer, code('platform_unavailable', true)],
  ])('%s', async (_name, answer, expected) => {
    api.on(POST, answer);
    await expect(post()).rejects.toMatchObject(expected);
    expect(api.calls).toHaveLength(1);
  });

  test('a timeout has an unknown outcome', () => {
    const timeout = new WebAPIRequestError(
      new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
    );
    expect(toPlatformError('chat.postMessage', timeout)).toMatchObject({
      ...code('platform_unavailable', true),
      message: 'Slack did not answer chat.postMessage: TimeoutError',
    });
  });

  test('a call that is given up has an unknown outcome; one that never began has a known one', async () => {
    const controller = new AbortController();
    api.on(POST, () => controller.abort());
    await expect(
      adapter.postMessage(channelTarget, part, { ...options, signal: controller.signal }),
    ).rejects.toMatchObject(code('platform_unavailable', true));
    await expect(
      adapter.postMessage(channelTarget, part, { ...options, signal: controller.signal }),
    ).rejects.toMatchObject(code('platform_unavailable', false));
    expect(api.calls).toHaveLength(1);
  });

  test('a refused connection was certainly not sent', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const lonely = createAdapter(makeChannel({ api_base_url: `http://127.0.0.1:${port}` }), deps);
    await expect(lonely.postMessage(channelTarget, part, options)).rejects.toMatchObject(
      code('platform_unavailable', false),
    );
    await lonely.close();
  });

  test('neither the token nor the text gets into errors or logs', async () => {
    api.on(POST, status(500, {}, 'oops'), cut, refuse('invalid_auth'));
    for (let call = 0; call < 3; call += 1) {
      const error: Error = await post().then(
        () => {
          throw new Error('sent');
        },
        (thrown) => thrown,
      );
      expect(`${error.message} ${error.stack}`).not.toMatch(/xoxb|a < b|a &lt; b/);
    }
    expect(deps.lines.join('\n')).not.toMatch(/xoxb|a < b|a &lt; b/);
  });
});

describe('response URL', () => {
  const slash = () => ({
    ...channelTarget,
    messageId: '13345224609.738474920.8088930838d88f008e0',
    state: { responseUrl: `${api.url}/commands/secret` },
  });

  test('answers where the bot is not a member', async () => {
    api.on(POST, refuse('not_in_channel'));
    api.on('/commands/secret', status(200, {}, 'ok'));
    expect(await post(slash())).toEqual({ messageId: 'response:turn-1-0', refs: [] });
    const { headers, body } = api.calls[1] ?? { headers: {}, body: '{}' };
    expect(headers.authorization).toBeUndefined();
    expect(JSON.parse(body)).toMatchObject({
      response_type: 'in_channel',
      text: 'a &lt; b',
      blocks: part.payload.blocks,
    });
  });

  test('sends plain text when it refuses the blocks', async () => {
    api.on(POST, refuse('channel_not_found'));
    api.on('/commands/secret', status(400, {}, 'invalid_blocks'), status(200, {}, 'ok'));
    await post(slash());
    expect(JSON.parse(api.calls[2]?.body ?? '{}')).toMatchObject({ text: 'a &lt; b', blocks: [] });
  });

  test.each([
    [status(404, {}, 'used_url'), { code: 'platform_rejected', outcomeUnknown: false }],
    [status(429, { 'retry-after': '2' }), { code: 'platform_rate_limited', retryAfterMs: 2000 }],
    [status(500), { code: 'platform_unavailable', outcomeUnknown: true }],
    [cut, { code: 'platform_unavailable', outcomeUnknown: true }],
  ])('errors (%#) do not show it', async (answer, expected) => {
    api.on(POST, refuse('not_in_channel'));
    api.on('/commands/secret', answer);
    const error: Error = await post(slash()).then(
      () => {
        throw new Error('sent');
      },
      (thrown) => thrown,
    );
    expect(error).toMatchObject(expected);
    expect(`${error.stack} ${String(error.cause)} ${deps.lines}`).not.toContain('secret');
  });

  test('is left alone when the bot can post, or when the fault lies elsewhere', async () => {
    api.on(POST, ok({ channel: 'C0LAN2Q65', ts: '1763683201.000100' }), refuse('invalid_auth'));
    await post(slash());
    await expect(post(slash())).rejects.toMatchObject({ code: 'platform_unauthorized' });
    expect(api.calls.map(({ path }) => path)).toEqual([POST, POST]);
  });
});

describe('editMessage', () => {
  const edit = (messageId: string) => adapter.editMessage?.(channelTarget, { messageId, refs: [] }, part, options);

  test('replaces the message', async () => {
    api.on('/api/chat.update', refuse('invalid_blocks'), ok());
    await edit('1763683201.000100');
    expect(api.calls[0]?.fields).toMatchObject({ channel: 'C0LAN2Q65', ts: '1763683201.000100', text: 'a &lt; b' });
    expect(api.calls[1]?.fields.blocks).toBe('[]');
    // Metadata that is not given stays as it was: the mark by which the message is found.
    for (const { fields } of api.calls) expect(fields).not.toHaveProperty('metadata');
  });

  test('cannot replace what went by response URL', async () => {
    await expect(edit('response:turn-1-0')).rejects.toMatchObject({ code: 'platform_rejected' });
  });
});
