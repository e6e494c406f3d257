import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FeishuSimulator, startFeishuSimulator } from './index.ts';
import { refusalOf, sdkClient } from './testing.ts';

let time: number;
let simulator: FeishuSimulator;
let client: ReturnType<typeof sdkClient>;

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1);
  simulator = await startFeishuSimulator({ now: () => time });
  client = sdkClient(simulator);
});
afterEach(() => simulator.close());

const MARKDOWN_CARD = { schema: '2.0', body: { elements: [{ tag: 'markdown', content: '**Hi** there' }] } };

async function send(content: object, options: { type?: string; chat?: string; uuid?: string } = {}) {
  const answer = await client.im.message.create({
    params: { receive_id_type: 'chat_id' },
    data: {
      receive_id: simulator.chatId(options.chat ?? 'c1'),
      msg_type: options.type ?? 'text',
      content: JSON.stringify(content),
      ...(options.uuid !== undefined && { uuid: options.uuid }),
    },
  });
  return answer.data ?? {};
}

async function reply(messageId: string, text: string, inThread = false) {
  const data = { msg_type: 'text', content: JSON.stringify({ text }), reply_in_thread: inThread };
  const answer = await client.im.message.reply({ path: { message_id: messageId }, data });
  return answer.data ?? {};
}

describe('sending', () => {
  it('shows texts, posts and cards as people read them', async () => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    await send({ text: `<at user_id="${simulator.userId('alice')}">Alice</at> <b>hi</b>` });
    await send(
      {
        zh_cn: {
          title: 'T',
          content: [
            [
              { tag: 'text', text: 'a' },
              { tag: 'md', text: '**b**' },
            ],
          ],
        },
      },
      { type: 'post' },
    );
    await send(MARKDOWN_CARD, { type: 'interactive' });
    expect(simulator.transcript('c1').map(({ author, text }) => [author, text])).toEqual([
      ['person', 'hello'],
      ['bot', '@alice hi'],
      ['bot', 'T\nab'],
      ['bot', 'Hi there'],
    ]);
  });

  it('answers in the documented shape', async () => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    const { create_time, ...message } = await send({ text: 'hi' });
    expect(create_time).toBe(String(time));
    expect(message).toMatchObject({
      message_id: expect.stringMatching(/^om_[0-9a-f]{32}$/),
      msg_type: 'text',
      deleted: false,
      updated: false,
      chat_id: simulator.chatId('c1'),
      sender: { id: simulator.appId, id_type: 'app_id', sender_type: 'app', tenant_key: simulator.tenantKey },
      body: { content: '{"text":"hi"}' },
    });
  });

  it('finds the chat with a person by open_id', async () => {
    await simulator.say({ chat: 'dm', from: 'bob', text: 'hello' });
    const data = { receive_id: simulator.userId('bob'), msg_type: 'text', content: '{"text":"hi bob"}' };
    await client.im.message.create({ params: { receive_id_type: 'open_id' }, data });
    expect(simulator.transcript('dm').at(-1)?.text).toBe('hi bob');
  });

  it('sends once per uuid within an hour', async () => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    const first = await send({ text: 'one' }, { uuid: 'u-1' });
    const again = await send({ text: 'two' }, { uuid: 'u-1' });
    expect(again.message_id).toBe(first.message_id);
    expect(simulator.transcript('c1')).toHaveLength(2);
    time += 60 * 60_000;
    expect((await send({ text: 'three' }, { uuid: 'u-1' })).message_id).not.toBe(first.message_id);
  });

  it('has effect although the answer was cut off, and the uuid tells', async () => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    simulator.misbehave({ method: 'im.message.create', times: 1, action: { kind: 'cut', when: 'after' } });
    await expect(send({ text: 'one' }, { uuid: 'u-1' })).rejects.toThrow();
    await send({ text: 'one' }, { uuid: 'u-1' });
    expect(simulator.transcript('c1').map(({ text }) => text)).toEqual(['hello', 'one']);
  });

  it.each<[string, number, string, () => Promise<unknown>]>([
    ['content that is no JSON', 230001, 'content is not a string in json format', () => raw({ content: 'plain' })],
    [
      'content that is no string',
      9499,
      'Invalid parameter type in json: content',
      () => raw({ content: { text: 'x' } }),
    ],
    ['an unknown msg_type', 230001, 'invalid msg_type', () => raw({ msg_type: 'markdown' })],
    ['no receive_id', 99992402, 'field validation failed', () => raw({ receive_id: '' })],
    ['a chat nobody knows', 230001, 'invalid receive_id', () => raw({ receive_id: 'oc_unknown' })],
    ['a uuid that is too long', 99992402, 'field validation failed', () => raw({ uuid: 'x'.repeat(51) })],
    ['a text over 150 KB', 230025, 'reaches its limit', () => send({ text: 'x'.repeat(150 * 1024) })],
    [
      'a card over 30 KB',
      230025,
      'reaches its limit',
      () => send(card('x'.repeat(30 * 1024)), { type: 'interactive' }),
    ],
    ['a post over 30 KB', 230025, 'reaches its limit', () => send(post('x'.repeat(30 * 1024)), { type: 'post' })],
    ['an unknown component', 230099, 'ErrCode: 200621', () => send(card('x', 'divider'), { type: 'interactive' })],
    [
      'six tables',
      230099,
      'ErrCode: 11310; ErrMsg: card table number over limit',
      () => send(card('|a|b|\n|-|-|\n\n'.repeat(6)), { type: 'interactive' }),
    ],
    [
      'a card entity nobody made',
      230099,
      'cardid is invalid',
      () => send({ type: 'card', data: { card_id: '7' } }, { type: 'interactive' }),
    ],
    ['a reply to nothing', 230001, 'invalid message_id', () => reply('om_unknown', 'x')],
  ])('refuses %s', async (_, code, msg, call) => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    expect(await refusalOf(call())).toEqual({ status: 400, code, msg: expect.stringContaining(msg) });
    expect(simulator.transcript('c1')).toHaveLength(1);
  });

  function raw(data: object) {
    const good = { receive_id: simulator.chatId('c1'), msg_type: 'text', content: '{"text":"x"}' };
    return client.request({
      method: 'POST',
      url: '/open-apis/im/v1/messages?receive_id_type=chat_id',
      data: { ...good, ...data },
    });
  }
});

describe('replies and threads', () => {
  it('keeps the tree of replies', async () => {
    const question = await simulator.say({ chat: 'g', kind: 'group', text: 'q' });
    const first = await reply(question.id, 'a');
    const second = await reply(first.message_id ?? '', 'b');
    expect(first).toMatchObject({ root_id: question.id, parent_id: question.id });
    expect(second).toMatchObject({ root_id: question.id, parent_id: first.message_id });
    expect(first.thread_id).toBeUndefined();
    expect(simulator.transcript('g')[1]).toMatchObject({ replyTo: question.id, thread: undefined });
  });

  it('opens a thread under the question and stays in it', async () => {
    const question = await simulator.say({ chat: 'g', kind: 'group', text: 'q' });
    const first = await reply(question.id, 'a', true);
    const second = await reply(first.message_id ?? '', 'b');
    expect(first.thread_id).toMatch(/^omt_/);
    expect(second).toMatchObject({ thread_id: first.thread_id, root_id: question.id, parent_id: question.id });

    const params = { container_id_type: 'thread', container_id: first.thread_id ?? '' };
    const thread = await client.im.message.list({ params });
    expect(thread.data?.items?.map((item) => item.message_id)).toEqual([
      question.id,
      first.message_id,
      second.message_id,
    ]);
    const chat = await client.im.message.list({
      params: { container_id_type: 'chat', container_id: simulator.chatId('g') },
    });
    expect(chat.data?.items?.map((item) => item.message_id)).toEqual([question.id]);
  });

  it('refuses to answer a recalled message', async () => {
    const question = await simulator.say({ chat: 'g', kind: 'group', text: 'q' });
    await simulator.remove('g', question.id);
    expect((await refusalOf(reply(question.id, 'a'))).code).toBe(230011);
  });
});

describe('changing messages', () => {
  it('edits a text up to 20 times', async () => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    const { message_id = '' } = await send({ text: '0' });
    const edit = (text: string) =>
      client.im.message.update({ path: { message_id }, data: { msg_type: 'text', content: JSON.stringify({ text }) } });
    for (let count = 1; count <= 20; count += 1) await edit(String(count));
    expect((await refusalOf(edit('21'))).code).toBe(230072);
    const shown = simulator.transcript('c1')[1];
    expect([shown?.text, shown?.edits, shown?.versions.length]).toEqual(['20', 20, 21]);
  });

  it('updates cards, and nothing but cards', async () => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    const text = await send({ text: 'x' });
    const shown = await send(MARKDOWN_CARD, { type: 'interactive' });
    const patch = (message_id = '', content = JSON.stringify(card('new'))) =>
      client.im.message.patch({ path: { message_id }, data: { content } });
    await patch(shown.message_id);
    expect(simulator.transcript('c1').at(-1)?.text).toBe('new');
    expect(await refusalOf(patch(text.message_id))).toMatchObject({
      code: 230001,
      msg: expect.stringContaining('NOT a card'),
    });
    expect((await refusalOf(patch(shown.message_id, JSON.stringify(card('x', 'divider'))))).code).toBe(230099);
  });

  it('recalls own messages only', async () => {
    const question = await simulator.say({ chat: 'c1', text: 'hello' });
    const { message_id = '' } = await send({ text: 'x' });
    await client.im.message.delete({ path: { message_id } });
    expect(simulator.transcript('c1').map(({ text }) => text)).toEqual(['hello']);
    const gone = await client.im.message.get({ path: { message_id } });
    expect(gone.data?.items?.[0]).toMatchObject({ deleted: true });
    expect((await refusalOf(client.im.message.delete({ path: { message_id: question.id } }))).code).toBe(230026);
  });

  it('reads a card back only as a note to upgrade, like the platform', async () => {
    await simulator.say({ chat: 'c1', text: 'hello' });
    const { message_id = '' } = await send(MARKDOWN_CARD, { type: 'interactive' });
    const { data } = await client.im.message.get({ path: { message_id } });
    expect(data?.items?.[0]?.body?.content).toContain('请升级至最新版本客户端');
  });
});

describe('reactions and files', () => {
  it('adds, lists and removes reactions', async () => {
    const { id: message_id } = await simulator.say({ chat: 'c1', text: 'hello' });
    const add = (emoji_type: string) =>
      client.im.messageReaction.create({ path: { message_id }, data: { reaction_type: { emoji_type } } });
    const { data } = await add('Typing');
    expect((await add('Typing')).data?.reaction_id).toBe(data?.reaction_id);
    expect(simulator.reactions(message_id).map(({ emojiType }) => emojiType)).toEqual(['Typing']);
    expect((await refusalOf(add('typing'))).code).toBe(231001);

    const path = { message_id, reaction_id: data?.reaction_id ?? '' };
    await client.im.messageReaction.delete({ path });
    expect(simulator.reactions(message_id)).toEqual([]);
    expect((await refusalOf(client.im.messageReaction.delete({ path }))).code).toBe(231011);
  });

  it('serves files of the message they belong to', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const { id: message_id } = await simulator.say({
      chat: 'c1',
      text: '',
      file: { kind: 'image', name: 'a.png', bytes },
    });
    const other = await simulator.say({ chat: 'c1', text: 'hello' });
    const [shown] = simulator.transcript('c1');
    const file_key = String((shown?.raw as { image_key?: string } | undefined)?.image_key);
    const get = (id: string, type = 'image') =>
      client.im.messageResource.get({ path: { message_id: id, file_key }, params: { type } });
    const chunks: Buffer[] = [];
    for await (const chunk of (await get(message_id)).getReadableStream()) chunks.push(chunk);
    expect([...Buffer.concat(chunks)]).toEqual([1, 2, 3]);
    // The SDK asks for a stream, so the error's body is one, too.
    await expect(get(other.id)).rejects.toMatchObject({ response: { status: 400 } });
    await expect(get(message_id, 'file')).rejects.toMatchObject({ response: { status: 400 } });
  });
});

function card(content: string, tag = 'markdown') {
  return { schema: '2.0', body: { elements: [{ tag, content }] } };
}

function post(text: string) {
  return { zh_cn: { title: '', content: [[{ tag: 'text', text }]] } };
}
