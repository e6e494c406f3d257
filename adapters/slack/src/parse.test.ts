import { afterEach, describe, expect, test } from 'vitest';
import { createAdapter } from './index.ts';
import { ok, silence, startApi } from './testkit/api.ts';
import {
  BOT,
  fixture,
  formRequest,
  jsonRequest,
  makeChannel,
  makeDeps,
  NOW,
  onlyMessage,
  request,
} from './testkit/index.ts';

const adapter = createAdapter(makeChannel(), makeDeps());
const parse = async (name: string) => onlyMessage((await adapter.handleWebhook(jsonRequest(fixture(name)))).events);
const parseCommand = async (name: string) =>
  onlyMessage((await adapter.handleWebhook(formRequest(fixture(name)))).events);

describe('posts', () => {
  test('a mention in a channel', async () => {
    const { message, dedupeKeys } = await parse('event_app_mention');
    expect(message).toEqual({
      id: '1763683200.000016',
      chat: { id: 'C0LAN2Q65', kind: 'group' },
      thread: undefined,
      opensThread: '1763683200.000016',
      sender: { id: 'U061F7AUR' },
      text: 'is it everything a river should be?',
      command: undefined,
      mentions: [],
      addressed: 'mention',
      contextRefs: [],
      attachments: [],
      language: 'en',
      sentAt: expect.closeTo(1_763_683_200_000.016, 3),
      state: { team: 'T061EG9R6', language: 'en' },
    });
    expect(dedupeKeys).toEqual(['Ev0LAN670R', 'T061EG9R6:C0LAN2Q65:1763683200.000016']);
  });

  test('the two events of one post share a dedupe key and say the same', async () => {
    const [mention, post] = await Promise.all([parse('event_app_mention'), parse('event_message_channel_mention')]);
    expect(mention.dedupeKeys.filter((key) => post.dedupeKeys.includes(key))).toHaveLength(1);
    expect(post.message).toEqual(mention.message);
  });

  test('a direct message, its entities decoded', async () => {
    const { message } = await parse('event_message_im');
    expect(message).toMatchObject({
      chat: { id: 'D024BE91L', kind: 'direct' },
      text: 'Live long and prosper: what does <b> mean in HTML & XML?',
      opensThread: undefined,
      addressed: undefined,
      language: 'en',
    });
    expect((await parse('event_message_im_zh')).message.language).toBe('zh');
  });

  test('other mentions, links and channels become readable', async () => {
    const { message } = await parse('event_message_mpim');
    expect(message.chat.kind).toBe('group');
    expect(message.text).toBe('hey and @U0G9QF9C6, see the plan (https://example.com/a?b=1&c=2) in #general');
    expect(message.mentions).toEqual([{ id: 'U0G9QF9C6' }]);
    expect(message.addressed).toBe('mention');
    expect((await parse('event_message_private_channel')).message.text).toBe('@here who has a@example.com?');
  });

  test('threads', async () => {
    expect((await parse('event_message_thread_reply_to_bot')).message).toMatchObject({
      thread: '1763683200.000020',
      opensThread: undefined,
      contextRefs: ['1763683200.000020'],
      addressed: 'reply',
    });
    expect((await parse('event_message_thread_reply')).message).toMatchObject({
      thread: '1763683200.000016',
      contextRefs: ['1763683200.000016'],
      addressed: undefined,
    });
    expect((await parse('event_message_im_thread')).message.thread).toBe('1763683300.000300');
    expect((await parse('event_message_thread_broadcast')).message.thread).toBe('1763683200.000016');
  });

  test('files', async () => {
    expect((await parse('event_message_file_share')).message.attachments).toEqual([
      { id: 'F0S43P1CZ', kind: 'image', name: 'river.png', mimeType: 'image/png', sizeBytes: 48123 },
      { id: 'F0S43P1D0', kind: 'file', name: 'report.pdf', mimeType: 'application/pdf', sizeBytes: 204800 },
      { id: 'F0S43P1D1', kind: 'audio', name: 'note.mp4', mimeType: 'video/mp4', sizeBytes: 9001 },
    ]);
    expect((await parse('event_message_file_only')).message).toMatchObject({
      text: '',
      attachments: [{ kind: 'image' }],
    });
  });

  test('a bare mention, which asks for help', async () => {
    expect((await parse('event_app_mention_empty')).message).toMatchObject({ text: '', addressed: 'mention' });
    const unreadable = fixture('event_message_file_tombstone');
    const event = { ...(unreadable.event as object), text: `<@${BOT}>` };
    const { events } = await adapter.handleWebhook(jsonRequest({ ...unreadable, event }));
    expect(onlyMessage(events).message).toMatchObject({ text: '', attachments: [], addressed: 'mention' });
  });

  test('a typed command', async () => {
    expect((await parse('event_app_mention_command')).message).toMatchObject({
      text: '',
      command: { name: '/reset', args: '' },
    });
  });

  test("a post from another company's workspace keeps the asker's team", async () => {
    expect((await parse('event_message_shared_channel')).message.state).toMatchObject({ team: 'T0FOREIGN1' });
  });
});

describe('what is no turn', () => {
  test.each([
    ['url_verification', 'handshake'],
    ['event_message_bot', 'bot_message'],
    ['event_message_bot_legacy', 'bot_message'],
    ['event_message_slackbot', 'bot_message'],
    ['event_message_own', 'own_message'],
    ['event_message_changed', 'edit'],
    ['event_message_deleted', 'edit'],
    ['event_app_mention_edited', 'edit'],
    ['event_message_channel_join', 'join'],
    ['event_message_channel_topic', 'join'],
    ['event_member_joined_channel', 'join'],
    ['event_message_me', 'unsupported_event'],
    ['event_reaction_added', 'unsupported_event'],
    ['event_assistant_thread_started', 'unsupported_event'],
    ['event_app_home_opened', 'unsupported_event'],
    ['app_rate_limited', 'unsupported_event'],
    ['event_message_file_tombstone', 'empty'],
  ])('%s is ignored as %s', async (name, reason) => {
    const result = await adapter.handleWebhook(jsonRequest(fixture(name)));
    expect(result.response.status).toBe(200);
    expect(result.events).toEqual([{ kind: 'ignored', reason }]);
  });

  test('url_verification is answered with its challenge', async () => {
    const result = await adapter.handleWebhook(jsonRequest(fixture('url_verification')));
    expect(result.response.body).toEqual({ challenge: fixture('url_verification').challenge });
  });

  test.each(['interaction_block_actions', 'interaction_view_submission'])('%s is acknowledged', async (name) => {
    const result = await adapter.handleWebhook(formRequest({ payload: JSON.stringify(fixture(name)) }));
    expect(result).toEqual({ response: { status: 200 }, events: [{ kind: 'ignored', reason: 'unsupported_event' }] });
  });

  test.each([
    ['not JSON', request('{"type":')],
    ['an array', request('[]')],
    ['no type', request('{}')],
    ['no event', request('{"type":"event_callback","team_id":"T1","event_id":"Ev1"}')],
    ['no challenge', request('{"type":"url_verification"}')],
    ['an empty body', request('')],
    ['an unknown content type', request('{}', { 'content-type': 'text/plain' })],
    ['no content type', request('{}', { 'content-type': undefined })],
    ['an empty form', formRequest({})],
    ['a form with a broken payload', formRequest({ payload: '{' })],
    ['a command without its fields', formRequest({ command: '/ai' })],
    [
      'a post without a time',
      jsonRequest({ ...fixture('event_message_im'), event: { type: 'message', user: 'U1', channel: 'D1' } }),
    ],
  ])('%s is an invalid request', async (_name, bad) => {
    await expect(adapter.handleWebhook(bad)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('slash commands', () => {
  test('asks', async () => {
    const { message, dedupeKeys } = await parseCommand('command_ask');
    const trigger = fixture('command_ask').trigger_id;
    expect(message).toMatchObject({
      id: trigger,
      chat: { id: 'C0LAN2Q65', kind: 'group' },
      sender: { id: 'U061F7AUR', name: 'steve' },
      text: 'why is the sky blue?',
      command: { name: '/ai', args: 'why is the sky blue?' },
      sentAt: NOW,
      state: { team: 'T061EG9R6', askedAt: NOW, responseUrl: fixture('command_ask').response_url },
    });
    expect(dedupeKeys).toEqual([trigger]);
  });

  test('the first word may be a command of the hub', async () => {
    expect((await parseCommand('command_help')).message.command).toEqual({ name: '/help', args: '' });
    expect((await parseCommand('command_reset')).message.command).toEqual({ name: '/reset', args: '' });
    expect((await parseCommand('command_model')).message).toMatchObject({
      text: 'gpt-4o',
      command: { name: '/model', args: 'gpt-4o' },
    });
    expect((await parseCommand('command_other_name')).message.command?.name).toBe('/ask');
  });

  test('in a direct chat, in Chinese', async () => {
    expect((await parseCommand('command_direct')).message).toMatchObject({ chat: { kind: 'direct' }, language: 'zh' });
  });

  test('carries no response URL that is not one of Slack', async () => {
    for (const responseUrl of [
      'http://hooks.slack.com/x',
      'https://slack.com.evil.example/x',
      'https://u@hooks.slack.com/x',
      'http://127.0.0.1/x',
    ]) {
      const fields = { ...fixture('command_ask'), response_url: responseUrl };
      const { message } = onlyMessage((await adapter.handleWebhook(formRequest(fields))).events);
      expect(message.state).not.toHaveProperty('responseUrl');
    }
  });
});

describe("the bot's own id, where the event does not tell it", () => {
  const api = startApi();
  const clean: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(clean.splice(0).map((close) => close()));
  });
  const anonymous = { ...fixture('event_message_mpim'), authorizations: undefined };
  async function make(deps = makeDeps()) {
    const made = createAdapter(makeChannel({ api_base_url: (await api).url }), deps);
    clean.push(() => made.close());
    return made;
  }

  test('is asked for once, shared through the cache, and not needed where nobody is mentioned', async () => {
    const { on, calls } = await api;
    on('/api/auth.test', ok({ user_id: BOT, user: 'parley', team: 'Acme' }));
    const deps = makeDeps();
    const first = await make(deps);
    const results = await Promise.all([first, first, first].map((one) => one.handleWebhook(jsonRequest(anonymous))));
    for (const { events } of results) expect(onlyMessage(events).message.addressed).toBe('mention');
    const other = await make(deps);
    expect(onlyMessage((await other.handleWebhook(jsonRequest(anonymous))).events).message.addressed).toBe('mention');
    expect(calls).toHaveLength(1);
  });

  test('is the one mentioned in an app_mention', async () => {
    const event = { ...fixture('event_app_mention'), authorizations: undefined };
    const { message } = onlyMessage((await (await make()).handleWebhook(jsonRequest(event))).events);
    expect(message.text).toBe('is it everything a river should be?');
  });

  test('makes the event unavailable when it cannot be had', async () => {
    const { on } = await api;
    on('/api/auth.test', silence);
    const lonely = await make();
    await expect(lonely.handleWebhook(jsonRequest(anonymous))).rejects.toMatchObject({ code: 'unavailable' });
    const plain = { ...fixture('event_message_im'), authorizations: undefined };
    expect(onlyMessage((await lonely.handleWebhook(jsonRequest(plain))).events).message.chat.kind).toBe('direct');
  });
});
