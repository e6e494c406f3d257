import type { Message } from '@parley/core/message';
import { describe, expect, it } from 'vitest';
import type { BotIdentity } from './identity.ts';
import { createParse } from './parse.ts';
import { BOT_OPEN_ID, fixture, makeChannel } from './testing.ts';

const bot: BotIdentity = {
  known: () => BOT_OPEN_ID,
  get: async () => ({ openId: BOT_OPEN_ID, name: 'Parley' }),
  ask: async () => ({ openId: BOT_OPEN_ID, name: 'Parley' }),
};
const unknown: BotIdentity = {
  known: () => undefined,
  get: () => Promise.reject(Object.assign(new Error('away'), { code: 'unavailable' })),
  ask: () => Promise.reject(new Error('away')),
};
const parse = createParse(makeChannel(), bot);

async function messageOf(name: string, parser = parse): Promise<Message> {
  const event = await parser(fixture(name));
  if (event.kind !== 'message') throw new Error(`${name} is no message: ${JSON.stringify(event)}`);
  return event.message;
}

describe('messages', () => {
  it('reads a direct text message whole', async () => {
    const raw = fixture('text_direct') as { header: { event_id: string; create_time: string } };
    const event = await parse(raw);
    expect(event).toEqual({
      kind: 'message',
      dedupeKeys: [
        `feishu:cli_9f5343c580712544:event:${raw.header.event_id}`,
        expect.stringMatching(/^feishu:cli_9f5343c580712544:message:om_/),
      ],
      message: {
        id: expect.stringMatching(/^om_/),
        chat: { id: 'oc_84983ff6516d731e5b5f68d4ea2e1da5', kind: 'direct' },
        thread: undefined,
        sender: { id: 'ou_84aad35d084aa403a838cf73ee18467' },
        text: 'What is the capital of France?',
        command: undefined,
        mentions: [],
        addressed: undefined,
        contextRefs: [],
        replyTo: undefined,
        attachments: [],
        language: 'en',
        sentAt: Number(raw.header.create_time),
      },
    });
  });

  it("takes the bot's mention out and names the others", async () => {
    expect(await messageOf('text_group_mention')).toMatchObject({
      chat: { kind: 'group' },
      text: 'ask @Bob about 发布计划 please',
      mentions: [{ id: 'ou_5ad573a6411d72b8305fda3a9c15c70e', name: 'Bob' }],
      addressed: 'mention',
      language: 'zh',
    });
  });

  it('addresses nobody by mentioning everybody', async () => {
    const message = await messageOf('text_group_mention_all');
    expect(message).toMatchObject({ text: '@所有人 明天放假', mentions: [], addressed: undefined });
  });

  it('keeps group chatter apart from questions', async () => {
    expect((await messageOf('text_group_plain')).addressed).toBeUndefined();
    expect(await messageOf('text_group_mention_person')).toMatchObject({ addressed: undefined, text: '@Bob lunch?' });
  });

  it('hands a mention without words on: whoever judges what is addressed says what becomes of it', async () => {
    expect(await messageOf('text_group_bare_mention')).toMatchObject({
      text: '',
      addressed: 'mention',
      attachments: [],
    });
  });

  it('reads commands behind the mention and in direct chats', async () => {
    expect(await messageOf('text_group_command')).toMatchObject({
      text: '写一首诗\n关于秋天',
      command: { name: '/ai', args: '写一首诗\n关于秋天' },
      addressed: 'mention',
    });
    expect(await messageOf('text_direct_command')).toMatchObject({ text: '', command: { name: '/reset', args: '' } });
  });

  it('hangs replies and threads where they belong', async () => {
    expect(await messageOf('text_thread_reply')).toMatchObject({
      thread: 'omt_1359bf2f8c3f1c4b',
      replyTo: 'om_5ce6d572455d361153b7cb5100000002',
      contextRefs: [
        'om_5ce6d572455d361153b7cb5100000002',
        'om_5ce6d572455d361153b7cb5100000001',
        'omt_1359bf2f8c3f1c4b',
      ],
    });
    const quote = await messageOf('text_group_quote_reply');
    expect(quote.thread).toBeUndefined();
    expect(quote.contextRefs).toHaveLength(2);
  });

  it('flattens rich text', async () => {
    const message = await messageOf('post_group_mention');
    expect(message.text).toBe(
      'Release notes\nsummarise [these notes](https://example.com/notes)\n\n\n```go\nfmt.Println("hi")\n```\n\n:SMILE: thanks',
    );
    expect(message.addressed).toBe('mention');
    expect(message.attachments).toEqual([
      { id: 'img_v2_041b28e3-5680-48c2-9af2-497ace79333g', kind: 'image' },
      { id: 'file_v2_0dcdd7d9-fib0-4432-a519-41d25aca542j', kind: 'video' },
    ]);
  });

  it.each([
    ['image_direct', 'image', undefined],
    ['file_direct', 'file', '报告 2026.pdf'],
    ['audio_direct', 'audio', undefined],
    ['media_direct', 'video', 'demo.mp4'],
    ['sticker_direct', 'sticker', undefined],
  ])('takes %s by reference', async (name, kind, fileName) => {
    const message = await messageOf(name);
    expect(message.attachments).toEqual([{ id: expect.any(String), kind, name: fileName }]);
    expect(message.text).toBe('');
    expect(message.language).toBe('zh');
  });

  it.each([
    ['interactive_direct', '[card] Deploy finished\nBuild 42 went out\ndetails\nRoll back'],
    ['location_direct', '[location] 天安门'],
    ['share_chat_direct', '[shared chat]'],
    ['share_user_direct', '[shared contact]'],
    ['merge_forward_direct', '[forwarded messages]'],
    ['hongbao_direct', '[红包]'],
  ])('says what %s is', async (name, text) => {
    expect((await messageOf(name)).text).toBe(text);
  });

  it('reads the older schema', async () => {
    expect(await messageOf('v1_text_direct')).toMatchObject({
      chat: { kind: 'direct' },
      text: 'hello',
      sentAt: 1795190400717,
      addressed: undefined,
    });
    expect(await messageOf('v1_text_group_mention')).toMatchObject({
      chat: { id: 'oc_5ce6d572455d361153b7xx51da133945', kind: 'group' },
      text: 'tell @Bob hello',
      addressed: 'mention',
      replyTo: 'om_36686ee62209da697d8775375d0c8e11',
    });
    expect((await messageOf('v1_image_direct')).attachments).toHaveLength(1);
    const event = await parse(fixture('v1_text_direct'));
    expect(event).toMatchObject({
      dedupeKeys: [
        'feishu:cli_9f5343c580712544:event:41b5f371157e3d5341b38b20396e7701',
        'feishu:cli_9f5343c580712544:message:om_36686ee62209da697d8775375d0c8e01',
      ],
    });
  });
});

describe('what is no message for the bot', () => {
  it.each([
    ['text_from_bot', 'bot_message'],
    ['system_group', 'join'],
    ['bot_added', 'join'],
    ['user_added', 'join'],
    ['p2p_chat_entered', 'join'],
    ['v1_add_bot', 'join'],
    ['message_read', 'unsupported_event'],
    ['reaction_created', 'unsupported_event'],
    ['card_action', 'unsupported_event'],
  ])('%s is %s', async (name, reason) => {
    expect(await parse(fixture(name))).toEqual({ kind: 'ignored', reason });
  });

  it.each(['constructor', '__proto__', 'toString'])('an event of type %s is nothing known', async (type) => {
    const event = structuredClone(fixture('message_read')) as { header: { event_type: string } };
    event.header.event_type = type;
    expect(await parse(event)).toEqual({ kind: 'ignored', reason: 'unsupported_event' });
  });

  it('tells of a message that was taken back by the key it came under', async () => {
    const recalled = fixture('message_recalled') as { event: { message_id: string; chat_id: string } };
    expect(await parse(recalled)).toEqual({
      kind: 'deleted',
      key: `feishu:cli_9f5343c580712544:message:${recalled.event.message_id}`,
      chat: { id: recalled.event.chat_id, kind: 'group' },
    });
    const question = structuredClone(fixture('text_direct')) as { event: { message: { message_id: string } } };
    question.event.message.message_id = recalled.event.message_id;
    const [said, taken] = [await parse(question), await parse(recalled)];
    if (said.kind !== 'message' || taken.kind !== 'deleted') throw new Error('neither said nor taken back');
    expect(said.dedupeKeys).toContain(taken.key);
    await expect(parse({ ...recalled, event: {} })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('has no use for edits, of which Feishu does not tell what they say', async () => {
    const edited = structuredClone(fixture('message_recalled')) as { header: { event_type: string } };
    edited.header.event_type = 'im.message.updated_v1';
    expect(await parse(edited)).toEqual({ kind: 'ignored', reason: 'edit' });
  });

  it("knows the bot's own messages", async () => {
    const own = structuredClone(fixture('text_from_bot')) as { event: { sender: { sender_id: { open_id: string } } } };
    own.event.sender.sender_id.open_id = BOT_OPEN_ID;
    expect(await parse(own)).toEqual({ kind: 'ignored', reason: 'own_message' });
  });

  it.each([
    {},
    { schema: '2.0' },
    { schema: '2.0', header: { event_id: 'e', event_type: 'im.message.receive_v1' } },
    { uuid: 'u', event: {} },
  ])('refuses %j', async (body) => {
    await expect(parse(body)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('when the bot does not know itself', () => {
  const blind = createParse(makeChannel(), unknown);

  it('asks for redelivery of a group message that may be for it', async () => {
    await expect(blind(fixture('text_group_mention'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('goes on where nothing depends on it', async () => {
    for (const name of ['text_direct', 'text_group_plain', 'text_group_mention_person', 'text_group_mention_all']) {
      expect((await blind(fixture(name))).kind).toBe('message');
    }
    const direct = structuredClone(fixture('text_group_mention')) as { event: { message: { chat_type: string } } };
    direct.event.message.chat_type = 'p2p';
    expect(await blind(direct)).toMatchObject({
      kind: 'message',
      message: { text: '@Parley ask @Bob about 发布计划 please' },
    });
  });
});
