import { readdirSync, readFileSync } from 'node:fs';
import type { InboundEvent } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { IgnoreReason, Message } from '@parley/core/message';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BotIdentity } from './identity.ts';
import { parseUpdate } from './parse.ts';

const FIXTURES = new URL('../../../test/contract/fixtures/telegram/', import.meta.url);
const BOT: BotIdentity = { id: 123456789, username: async () => 'acme_bot' };
const NAMELESS: BotIdentity = {
  id: BOT.id,
  username: async () => {
    throw new ParleyError('unavailable', 'no name');
  },
};

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));
}

const ALICE = { id: '5501001', name: 'Alice Miller' };
const SUPPORT = { id: '-1001987654321', kind: 'group' };
const FORUM = { id: '-1002111222333', kind: 'group' };

/** What each update says, in the fields that matter for it. */
const MESSAGES: Record<string, Partial<Message>> = {
  'private-text': {
    id: '1401',
    chat: { id: '5501001', kind: 'direct' },
    sender: ALICE,
    text: 'What is our refund policy?',
    language: 'en',
    sentAt: 1795134201000,
    command: undefined,
    addressed: undefined,
    thread: undefined,
    replyTo: undefined,
    mentions: [],
    contextRefs: [],
    attachments: [],
  },
  'private-text-chinese': { text: '请问 Q3 的报销截止日期是哪天？😀', language: 'zh' },
  'private-start': { text: '', command: { name: '/help', args: '' } },
  'private-command': {
    text: 'Summarise this:\nline two',
    command: { name: '/ai', args: 'Summarise this:\nline two' },
    addressed: undefined,
  },
  'private-photo-caption': {
    text: 'What is wrong in this chart?',
    attachments: [
      { id: 'AgACAgIAAxkBAAIFlarge', kind: 'image', name: undefined, mimeType: 'image/jpeg', sizeBytes: 118240 },
    ],
  },
  'private-document': {
    text: '',
    attachments: [
      {
        id: 'BQACAgIAAxkBAAIFdoc',
        kind: 'file',
        name: 'report.pdf',
        mimeType: 'application/pdf',
        sizeBytes: 48213,
      },
    ],
  },
  'private-voice': { attachments: [expect.objectContaining({ kind: 'audio', mimeType: 'audio/ogg' })] },
  'private-audio': { attachments: [expect.objectContaining({ kind: 'audio', name: 'song.mp3' })] },
  'private-video': { attachments: [expect.objectContaining({ kind: 'video', name: 'clip.mp4' })] },
  'private-animation': { attachments: [expect.objectContaining({ kind: 'video', id: 'CgACAgIAAxkBAAIFanim' })] },
  'private-video-note': { attachments: [expect.objectContaining({ kind: 'video', sizeBytes: 512221 })] },
  'private-sticker': { text: '', attachments: [expect.objectContaining({ kind: 'sticker' })] },
  'group-mention': {
    chat: SUPPORT as Message['chat'],
    text: '😀, when is the next release?',
    addressed: 'mention',
    mentions: [],
  },
  'group-text-mention': {
    text: '请 和 @alice_m 看一下，Bob 也看看',
    addressed: 'mention',
    mentions: [
      { id: '@alice_m', name: 'alice_m' },
      { id: '5501003', name: 'Bob' },
    ],
  },
  // Nothing to answer is not the adapter's to judge: a bare mention is answered with the help text.
  'group-mention-only': { text: '', addressed: 'mention', attachments: [] },
  'private-location': { text: '', addressed: undefined, attachments: [] },
  'group-chatter': { text: 'lunch at twelve?', addressed: undefined, sender: { id: '5501002', name: '伟 王' } },
  'group-command-this-bot': {
    text: 'what is the plan?',
    command: { name: '/ai', args: 'what is the plan?' },
    addressed: 'mention',
  },
  'group-command-unaddressed': {
    command: { name: '/ai', args: 'what is the plan?' },
    addressed: undefined,
  },
  'group-mention-then-command': { text: '', command: { name: '/reset', args: '' }, addressed: 'mention' },
  'group-command-inside-text': { text: 'please type /reset to start anew', command: undefined },
  'group-reply-to-bot': { addressed: 'reply', replyTo: '1390', thread: undefined },
  'group-reply-to-person': { addressed: undefined, replyTo: '1391', thread: undefined },
  'group-photo-caption-mention': {
    text: 'what does this say?',
    addressed: 'mention',
    attachments: [expect.objectContaining({ kind: 'image' })],
  },
  'topic-mention': {
    chat: FORUM as Message['chat'],
    text: 'what changed?',
    addressed: 'mention',
    thread: '77',
    replyTo: undefined,
  },
  'topic-made-by-bot-chatter': { addressed: undefined, thread: '77', replyTo: undefined },
  'topic-reply-to-bot': { addressed: 'reply', thread: '77', replyTo: '81' },
  'group-anonymous-admin': { sender: { id: SUPPORT.id, name: 'Head of IT' }, addressed: 'mention' },
  'group-as-channel': { sender: { id: '-1001777000222', name: 'Alice writes' }, text: 'hello from my channel' },
};

const IGNORED: Record<string, IgnoreReason> = {
  'group-command-other-bot': 'other_bot_command',
  'group-automatic-forward': 'bot_message',
  'group-other-bot': 'bot_message',
  'group-own-message': 'own_message',
  'service-new-chat-members': 'join',
  'service-left-chat-member': 'join',
  'service-migrate-to-supergroup': 'join',
  'service-pinned-message': 'join',
  'service-forum-topic-created': 'join',
  'my-chat-member': 'join',
  'channel-post': 'unsupported_event',
  'callback-query': 'unsupported_event',
  'inline-query': 'unsupported_event',
};

const EDITED = 'edited-message';

describe('parseUpdate', () => {
  it('is told what to expect of every recorded update', () => {
    const files = readdirSync(FIXTURES).filter((file) => file.endsWith('.json'));
    const names = files.map((file) => file.slice(0, -'.json'.length));
    expect(names.sort()).toEqual([...Object.keys(MESSAGES), ...Object.keys(IGNORED), EDITED].sort());
  });

  it.each(Object.entries(MESSAGES))('reads %s', async (name, expected) => {
    const event = messageEvent(await parseUpdate(fixture(name), BOT));
    expect(event.message).toMatchObject(expected);
  });

  it.each(Object.entries(IGNORED))('ignores %s as %s', async (name, reason) => {
    expect(await parseUpdate(fixture(name), BOT)).toEqual({ kind: 'ignored', reason });
  });

  it('names the update and the message, for one bot, as what may come again', async () => {
    const event = messageEvent(await parseUpdate(fixture('group-mention'), BOT));
    expect(event.dedupeKeys).toEqual([
      'telegram:123456789:update:870012014',
      'telegram:123456789:message:-1001987654321:1414',
    ]);
  });

  it('tells what a person made of an own message, under its key', async () => {
    expect(await parseUpdate(fixture(EDITED), BOT)).toEqual({
      kind: 'edited',
      key: 'telegram:123456789:message:-1001987654321:1434',
      message: expect.objectContaining({
        id: '1434',
        chat: SUPPORT,
        sender: ALICE,
        text: 'What is our refund policy now?',
        sentAt: 1795134234000,
      }),
    });
  });

  it('reads an edit like the message it replaces', async () => {
    for (const name of Object.keys(MESSAGES)) {
      const { update_id, message } = fixture(name) as { update_id: number; message: Record<string, unknown> };
      if (message.text === undefined && message.caption === undefined) continue;
      const sent = messageEvent(await parseUpdate({ update_id, message }, BOT));
      const edited = await parseUpdate({ update_id: update_id + 1, edited_message: message }, BOT);
      expect(edited).toEqual({ kind: 'edited', key: sent.dedupeKeys[1], message: sent.message });
    }
  });

  it.each([
    'group-own-message',
    'group-other-bot',
    'group-automatic-forward',
    'group-command-other-bot',
    'service-pinned-message',
    'private-location',
  ])('ignores an edit of %s', async (name) => {
    const { update_id, message } = fixture(name) as { update_id: number; message: unknown };
    const update = { update_id, edited_message: message };
    expect(await parseUpdate(update, BOT)).toEqual({ kind: 'ignored', reason: 'edit' });
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['a string', 'update'],
    ['nothing', {}],
    ['a number for text', { update_id: '1' }],
    ['a fraction', { update_id: 1.5 }],
    ['a message of another shape', { update_id: 1, message: 'hello' }],
  ])('refuses %s', async (_name, raw) => {
    await expect(parseUpdate(raw, BOT)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('does not quote what it refuses', async () => {
    const raw = { update_id: 1, message: { message_id: 1, date: 1, chat: 'my private words' } };
    await expect(parseUpdate(raw, BOT)).rejects.toThrow(/message\.chat$/);
  });

  it('asks who it is only where a name stands in the text', async () => {
    for (const name of ['private-text', 'private-command', 'group-chatter', 'group-reply-to-bot']) {
      expect((await parseUpdate(fixture(name), NAMELESS)).kind).toBe('message');
    }
    for (const name of ['group-mention', 'group-command-other-bot', 'group-photo-caption-mention']) {
      await expect(parseUpdate(fixture(name), NAMELESS)).rejects.toMatchObject({ code: 'unavailable' });
    }
  });

  it.each([
    ['@acme_bot hello', 'hello'],
    ['@acme_bot, hello', 'hello'],
    ['@acme_bot：你好', '你好'],
    ['hello @acme_bot', 'hello'],
    ['hey @acme_bot what now', 'hey what now'],
    ['@acme_bot @acme_bot twice', 'twice'],
    ['line one\n@acme_bot line two', 'line one\nline two'],
  ])('takes the mention out of %j', async (text, expected) => {
    const entities = [...text.matchAll(/@acme_bot/g)].map(({ index }) => ({
      type: 'mention',
      offset: index,
      length: 9,
    }));
    expect(messageEvent(await parseUpdate(groupText(text, entities), BOT)).message.text).toBe(expected);
  });

  it('reads a command after mentions and drops mentions in its arguments', async () => {
    const text = '@acme_bot /ai compare @acme_bot with @weather_bot';
    const entities = [
      { type: 'mention', offset: 0, length: 9 },
      { type: 'bot_command', offset: 10, length: 3 },
      { type: 'mention', offset: 22, length: 9 },
      { type: 'mention', offset: 37, length: 12 },
    ];
    const { message } = messageEvent(await parseUpdate(groupText(text, entities), BOT));
    expect(message.command).toEqual({ name: '/ai', args: 'compare with @weather_bot' });
    expect(message.mentions).toEqual([{ id: '@weather_bot', name: 'weather_bot' }]);
  });

  it('never fails on entities that do not fit the text', async () => {
    const entity = fc.record({
      type: fc.constantFrom('mention', 'text_mention', 'bot_command', 'url'),
      offset: fc.nat(60),
      length: fc.nat(60),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
        fc.array(entity, { maxLength: 6 }),
        async (text, entities) => {
          const event = await parseUpdate(groupText(text, entities), BOT);
          if (event.kind === 'message') expect(text.length).toBeGreaterThanOrEqual(event.message.text.length);
        },
      ),
    );
  });
});

function groupText(text: string, entities: unknown[]): unknown {
  const message = { message_id: 5, date: 1, chat: { id: -1, type: 'supergroup' }, from: { id: 7, first_name: 'A' } };
  return { update_id: 1, message: { ...message, text, entities } };
}

function messageEvent(event: InboundEvent): Extract<InboundEvent, { kind: 'message' }> {
  if (event.kind !== 'message') throw new Error(`no message: ${JSON.stringify(event)}`);
  return event;
}
