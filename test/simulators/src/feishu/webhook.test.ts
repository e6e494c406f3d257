import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AESCipher, adaptDefault, EventDispatcher } from '@larksuiteoapi/node-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimRequest } from '../shared/index.ts';
import { type FeishuSimulator, type FeishuSimulatorOptions, startFeishuSimulator } from './index.ts';
import { eventually, silentLogger, startHub, type TestHub } from './testing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp(options: FeishuSimulatorOptions, answer: Parameters<typeof startHub>[0] = () => ({})) {
  const simulator = await startFeishuSimulator(options);
  const hub = await startHub(answer);
  cleanups.push(simulator.close, hub.close);
  simulator.setWebhook(`${hub.url}/webhooks/feishu/f1`);
  return { simulator, hub };
}

const received = (hub: TestHub, count: number) => eventually(() => expect(hub.requests).toHaveLength(count));
const bodyOf = (request: SimRequest | undefined) => JSON.parse(request?.body.toString() ?? '');

function decrypted(simulator: FeishuSimulator, request: SimRequest | undefined) {
  return JSON.parse(new AESCipher(simulator.credentials.encrypt_key ?? '').decrypt(bodyOf(request).encrypt));
}

function isSigned(simulator: FeishuSimulator, { headers, body }: SimRequest): boolean {
  const hash = createHash('sha256')
    .update(
      `${headers['x-lark-request-timestamp']}${headers['x-lark-request-nonce']}${simulator.credentials.encrypt_key}`,
    )
    .update(body);
  return headers['x-lark-signature'] === hash.digest('hex');
}

describe('received messages', () => {
  it('come encrypted and signed over the raw bytes', async () => {
    for (const spacedJson of [false, true]) {
      const { simulator, hub } = await setUp({ spacedJson });
      const { id, chat } = await simulator.say({ chat: 'c1', text: 'hello <world>' });
      await received(hub, 1);
      const [request] = hub.requests;
      expect(request && isSigned(simulator, request)).toBe(true);
      expect(Object.keys(bodyOf(request))).toEqual(['encrypt']);
      const event = decrypted(simulator, request);
      expect(event).toMatchObject({
        schema: '2.0',
        header: {
          event_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          event_type: 'im.message.receive_v1',
          token: simulator.credentials.verification_token,
          app_id: simulator.appId,
          tenant_key: simulator.tenantKey,
          create_time: expect.stringMatching(/^\d{13}$/),
        },
        event: {
          sender: {
            sender_id: { open_id: simulator.userId('alice') },
            sender_type: 'user',
            tenant_key: simulator.tenantKey,
          },
          message: {
            message_id: id,
            chat_id: chat,
            chat_type: 'p2p',
            message_type: 'text',
            content: '{"text":"hello <world>"}',
            create_time: expect.stringMatching(/^\d{13}$/),
          },
        },
      });
      expect(event.event.message).not.toHaveProperty('mentions');
    }
  });

  it('come plain and unsigned without an encrypt key, escaped as Go escapes', async () => {
    const { simulator, hub } = await setUp({ encrypt: false });
    expect(simulator.credentials).not.toHaveProperty('encrypt_key');
    await simulator.say({ chat: 'c1', text: 'a < b & c' });
    await received(hub, 1);
    expect(hub.requests[0]?.headers).not.toHaveProperty('x-lark-signature');
    expect(hub.requests[0]?.body.toString()).toContain('a \\u003c b \\u0026 c');
    expect(bodyOf(hub.requests[0]).event.message.content).toBe('{"text":"a < b & c"}');
  });

  it('list mentions under the keys in the text', async () => {
    const { simulator, hub } = await setUp({ encrypt: false });
    await simulator.say({ chat: 'g', kind: 'group', text: 'look', mentionBot: true, mentions: ['bob'] });
    await received(hub, 1);
    const { message } = bodyOf(hub.requests[0]).event;
    expect(message.chat_type).toBe('group');
    expect(message.content).toBe('{"text":"@_user_1 @_user_2 look"}');
    expect(message.mentions).toMatchObject([
      { key: '@_user_1', id: { open_id: simulator.botOpenId, user_id: null }, mentioned_type: 'bot', name: 'Parley' },
      { key: '@_user_2', id: { open_id: simulator.userId('bob') }, mentioned_type: 'user', name: 'bob' },
    ]);
    expect(simulator.transcript('g')[0]?.text).toBe('@Parley @bob look');
  });

  it('say where they stand', async () => {
    const { simulator, hub } = await setUp({ encrypt: false });
    const root = await simulator.say({ chat: 'g', kind: 'group', text: 'topic', thread: 't' });
    const answer = await simulator.say({ chat: 'g', kind: 'group', text: 'answer', replyTo: root.id, from: 'bob' });
    await simulator.say({ chat: 'g', kind: 'group', text: 'more', thread: 't' });
    await simulator.say({ chat: 'g', kind: 'group', text: 'from a bot', from: 'robot', fromBot: true });
    await received(hub, 4);
    const events = Object.fromEntries(
      hub.requests.map((request) => [JSON.parse(bodyOf(request).event.message.content).text, bodyOf(request).event]),
    );
    expect(events.topic.message.thread_id).toMatch(/^omt_/);
    expect(events.topic.message).not.toHaveProperty('root_id');
    expect(events.answer.message).toMatchObject({
      message_id: answer.id,
      thread_id: events.topic.message.thread_id,
      root_id: root.id,
      parent_id: root.id,
    });
    expect(events.more.message).toMatchObject({ thread_id: events.topic.message.thread_id, root_id: root.id });
    expect(events['from a bot'].sender.sender_type).toBe('app');
  });

  it('come in the old envelope where the app subscribed to it', async () => {
    const { simulator, hub } = await setUp({ encrypt: false, schema: 'v1' });
    const { id, chat } = await simulator.say({ chat: 'g', kind: 'group', text: 'hi', mentionBot: true });
    await received(hub, 1);
    expect(bodyOf(hub.requests[0])).toMatchObject({
      uuid: simulator.deliveries[0]?.eventId,
      token: simulator.credentials.verification_token,
      ts: expect.stringMatching(/^\d+\.\d{6}$/),
      type: 'event_callback',
      event: {
        type: 'message',
        app_id: simulator.appId,
        open_chat_id: chat,
        open_message_id: id,
        chat_type: 'group',
        is_mention: true,
        text: `<at open_id="${simulator.botOpenId}">@Parley</at> hi`,
        text_without_at_bot: ' hi',
      },
    });
  });
});

it('sends the other events', async () => {
  const { simulator, hub } = await setUp({ encrypt: false });
  const { id } = await simulator.say({ chat: 'c1', text: 'hello' });
  await simulator.edit('c1', id, 'hello again');
  simulator.react(id, 'SMILE', 'bob');
  simulator.read([id]);
  simulator.addBot('g');
  await simulator.remove('c1', id);
  await received(hub, 5);
  const types = hub.requests.map((request) => bodyOf(request).header.event_type).sort();
  expect(types).toEqual([
    'im.chat.member.bot.added_v1',
    'im.message.message_read_v1',
    'im.message.reaction.created_v1',
    'im.message.recalled_v1',
    'im.message.receive_v1',
  ]);
  expect(simulator.transcript('c1')).toEqual([]);
});

describe('delivery', () => {
  it('goes up the ladder until the hub takes the event, signed anew each time', async () => {
    const { simulator, hub } = await setUp({ speedup: 1e6 }, (_, count) => ({ status: count < 4 ? 503 : 200 }));
    await simulator.say({ chat: 'c1', text: 'hello' });
    await eventually(() => expect(simulator.pendingEvents()).toBe(0));
    expect(simulator.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 503],
      [2, 503],
      [3, 503],
      [4, 200],
    ]);
    expect(new Set(simulator.deliveries.map(({ eventId }) => eventId)).size).toBe(1);
    expect(new Set(hub.requests.map(({ body }) => body.toString())).size).toBe(4);
    expect(hub.requests.every((request) => isSigned(simulator, request))).toBe(true);
  });

  it('gives an event up after four redeliveries', async () => {
    const { simulator, hub } = await setUp({ speedup: 1e6 }, () => ({ status: 500 }));
    await simulator.say({ chat: 'c1', text: 'hello' });
    await eventually(() => expect(simulator.pendingEvents()).toBe(0));
    expect(hub.requests).toHaveLength(5);
  });

  it('can bring an event twice', async () => {
    const { simulator, hub } = await setUp({});
    simulator.disturb({ times: 1, action: { kind: 'duplicate' } });
    await simulator.say({ chat: 'c1', text: 'hello' });
    await received(hub, 2);
    const [first, second] = hub.requests.map((request) => decrypted(simulator, request).header.event_id);
    expect(first).toBe(second);
  });

  it('keeps events until there is somewhere to bring them', async () => {
    const simulator = await startFeishuSimulator();
    const hub = await startHub(() => ({}));
    cleanups.push(simulator.close, hub.close);
    await simulator.say({ chat: 'c1', text: 'hello' });
    expect(simulator.pendingEvents()).toBe(1);
    simulator.setWebhook(hub.url);
    await received(hub, 1);
  });
});

describe('url_verification', () => {
  it.each([true, false])('passes a hub that gives the challenge back (encrypt: %s)', async (encrypt) => {
    const { simulator, hub } = await setUp({ encrypt }, (request) => ({ body: { challenge: challengeOf(request) } }));
    const challengeOf = (request: SimRequest) => (encrypt ? decrypted(simulator, request) : bodyOf(request)).challenge;
    expect(await simulator.checkUrl()).toMatchObject({ passed: true, status: 200 });
    const [request] = hub.requests;
    expect(request?.headers).not.toHaveProperty('x-lark-signature');
    const sent = encrypt ? decrypted(simulator, request) : bodyOf(request);
    expect(sent).toMatchObject({ type: 'url_verification', token: simulator.credentials.verification_token });
  });

  it('fails a hub that answers something else', async () => {
    const { simulator } = await setUp({}, () => ({ body: { challenge: 'another' } }));
    expect((await simulator.checkUrl()).passed).toBe(false);
  });
});

it('works with the SDK as the hub', async () => {
  const simulator = await startFeishuSimulator();
  const { encrypt_key: encryptKey = '', verification_token: verificationToken = '' } = simulator.credentials;
  const messages = Promise.withResolvers<string>();
  const dispatcher = new EventDispatcher({ encryptKey, verificationToken, logger: silentLogger }).register({
    'im.message.receive_v1': ({ message }) => messages.resolve(message.content),
  });
  const server = createServer(adaptDefault('/feishu', dispatcher, { autoChallenge: true }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(simulator.close, async () => server.close());
  simulator.setWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/feishu`);

  expect((await simulator.checkUrl()).passed).toBe(true);
  await simulator.say({ chat: 'c1', text: 'hello' });
  expect(await messages.promise).toBe('{"text":"hello"}');
});
