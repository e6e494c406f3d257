import type { ReplyTarget } from '@parley/core/adapter';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { formatReply } from './format.ts';
import { createMessages } from './messages.ts';
import { createSender } from './send.ts';
import { type FakeFeishu, json, makeChannel, makeDeps, startFeishu } from './testing.ts';
import { createTyping } from './typing.ts';

let feishu: FakeFeishu;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  feishu = await startFeishu();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await feishu.close();
});

function clientFor() {
  const client = createClient(makeChannel({ api_base_url: feishu.url }), makeDeps());
  open.push(client);
  return client;
}
const sender = () => createSender(createMessages(clientFor()));

const direct: ReplyTarget = { chat: { id: 'oc_dm', kind: 'direct' }, messageId: 'om_q', senderId: 'ou_a' };
const group: ReplyTarget = { chat: { id: 'oc_g', kind: 'group' }, messageId: 'om_q', senderId: 'ou_a' };
const [part] = formatReply('**hello** <at id=all></at>');
if (!part) throw new Error('nothing to send');
const options = { idempotencyKey: 'turn-1-0' };

describe('where an answer goes', () => {
  it('stands by itself in a direct chat', async () => {
    const receipt = await sender().postMessage(direct, part, options);
    expect(feishu.apiCalls()).toEqual([
      {
        method: 'POST',
        path: '/open-apis/im/v1/messages',
        query: { receive_id_type: 'chat_id' },
        authorization: 'Bearer t-token1',
        body: { receive_id: 'oc_dm', msg_type: 'interactive', content: JSON.stringify(part.payload), uuid: 'turn-1-0' },
      },
    ]);
    expect(receipt).toEqual({ messageId: 'om_2', refs: ['om_2'] });
  });

  it('quotes the question in a group', async () => {
    await sender().postMessage(group, part, options);
    expect(feishu.apiCalls()).toMatchObject([
      { path: '/open-apis/im/v1/messages/om_q/reply', body: { reply_in_thread: false, uuid: 'turn-1-0' } },
    ]);
  });

  it('stays in the thread, whose id leads back to the bot', async () => {
    feishu.route((call, response) =>
      call.path.endsWith('/reply')
        ? json(response, 200, { code: 0, data: { message_id: 'om_r', thread_id: 'omt_1' } })
        : false,
    );
    for (const target of [group, direct]) {
      const receipt = await sender().postMessage({ ...target, thread: 'omt_1' }, part, options);
      expect(receipt).toEqual({ messageId: 'om_r', refs: ['om_r'] });
    }
    expect(feishu.apiCalls().every((call) => call.body.reply_in_thread === true)).toBe(true);
  });

  it('goes to the chat when the question was withdrawn', async () => {
    feishu.route((call, response) =>
      call.path.endsWith('/reply') ? json(response, 400, { code: 230011, msg: 'The message was withdrawn.' }) : false,
    );
    await sender().postMessage(group, part, options);
    const [reply, create] = feishu.apiCalls();
    expect(create).toMatchObject({ path: '/open-apis/im/v1/messages', body: { receive_id: 'oc_g' } });
    expect(create?.body.uuid).not.toBe(reply?.body.uuid);
  });
});

describe('refusals', () => {
  it.each([
    [
      400,
      230099,
      'Failed to create card content, ext=ErrCode: 11310; ErrMsg: card table number over limit; ErrorValue: table; ',
    ],
    [200, 200621, 'parse card json err'],
  ])('sends text when the card is refused (HTTP %i, code %i)', async (status, code, msg) => {
    feishu.route((call, response) =>
      call.body.msg_type === 'interactive' ? json(response, status, { code, msg }) : false,
    );
    const send = sender();
    await send.postMessage(group, part, options);
    await send.postMessage(group, part, options);
    const [card, text, , again] = feishu.apiCalls();
    expect(text?.body).toMatchObject({ msg_type: 'text', content: JSON.stringify({ text: part.plain }) });
    expect(text?.body.content).not.toContain('<at');
    expect(text?.body.uuid).not.toBe(card?.body.uuid);
    expect(String(text?.body.uuid).length).toBeLessThanOrEqual(50);
    expect(again?.body.uuid).toBe(text?.body.uuid);
  });

  it.each([
    [400, { code: 99991400, msg: 'request trigger frequency limit' }, { 'x-ogw-ratelimit-reset': '7' }, 7000],
    [429, { code: 99991400, msg: 'limit' }, { 'x-ogw-ratelimit-reset': '3' }, 3000],
    [429, 'slow down', {}, 1000],
    [200, { code: 230020, msg: 'This operation triggers the frequency limit.' }, {}, 1000],
  ])('HTTP %i with %j is throttling', async (status, body, headers, retryAfterMs) => {
    feishu.route((call, response) =>
      call.path.includes('/messages') ? json(response, status, body, headers as Record<string, string>) : false,
    );
    await expect(sender().postMessage(group, part, options)).rejects.toMatchObject({
      code: 'platform_rate_limited',
      retryAfterMs,
      outcomeUnknown: false,
    });
  });

  it.each([
    [200, { code: 230002, msg: 'Bot is NOT in the chat.' }, 'platform_rejected', false],
    [400, { code: 230028, msg: 'blocked by audit' }, 'platform_rejected', false],
    [400, { code: 99991672, msg: 'Access denied. scope' }, 'platform_unauthorized', false],
    [403, {}, 'platform_unauthorized', false],
    [500, { code: 1, msg: 'oops' }, 'platform_unavailable', true],
    [502, '<html>', 'platform_unavailable', true],
    [200, '<html>', 'platform_unavailable', true],
    [200, { code: 0 }, 'platform_unavailable', true],
    [400, { code: 230049, msg: 'The message is being sent' }, 'platform_unavailable', true],
  ])('HTTP %i with %j is %s', async (status, body, code, outcomeUnknown) => {
    feishu.route((call, response) => (call.path.includes('/messages') ? json(response, status, body) : false));
    await expect(sender().postMessage(group, part, options)).rejects.toMatchObject({ code, outcomeUnknown });
    expect(feishu.apiCalls()).toHaveLength(1);
  });

  it('quotes neither content nor tokens', async () => {
    feishu.route((call, response) =>
      call.path.includes('/messages')
        ? json(response, 400, { code: 1, msg: 'bad t-abcdefghijklmnop ErrorValue: my secret words' })
        : false,
    );
    const error: Error = await sender()
      .postMessage(group, part, options)
      .then(
        () => expect.fail('sent'),
        (thrown) => thrown,
      );
    expect(error.message).toContain('im.message.reply');
    expect(error.message).not.toMatch(/abcdefgh|secret words/);
  });
});

describe('edits and typing', () => {
  it('patches a card', async () => {
    await sender().editMessage(group, { messageId: 'om_7', refs: [] }, part, options);
    expect(feishu.apiCalls()).toMatchObject([
      { method: 'PATCH', path: '/open-apis/im/v1/messages/om_7', body: { content: JSON.stringify(part.payload) } },
    ]);
  });

  it('updates what had to be sent as text', async () => {
    feishu.route((call, response) =>
      call.method === 'PATCH' ? json(response, 400, { code: 230001, msg: 'ext=This message is NOT a card.' }) : false,
    );
    await sender().editMessage(group, { messageId: 'om_7', refs: [] }, part, options);
    expect(feishu.apiCalls().at(-1)).toMatchObject({
      method: 'PUT',
      body: { msg_type: 'text', content: JSON.stringify({ text: part.plain }) },
    });
  });

  it('shows a reaction and takes it away', async () => {
    const typing = createTyping(clientFor());
    const handle = await typing.startTyping(group);
    await typing.stopTyping(group, handle);
    expect(feishu.apiCalls()).toMatchObject([
      {
        method: 'POST',
        path: '/open-apis/im/v1/messages/om_q/reactions',
        body: { reaction_type: { emoji_type: 'Typing' } },
      },
      { method: 'DELETE', path: '/open-apis/im/v1/messages/om_q/reactions/r1' },
    ]);
    await typing.stopTyping(group, undefined);
    expect(feishu.apiCalls()).toHaveLength(2);
  });
});
