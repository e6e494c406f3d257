import type { WebhookResult } from '@parley/core/adapter';
import type { IgnoreReason, Message } from '@parley/core/message';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeAdapter } from '../bench.ts';
import type { PlatformDescriptor, Situations } from '../descriptor.ts';
import type { MessageEvent } from '../inbox.ts';
import { fixtureNames, loadFixture, type RecordedApi, situation, startRecordedApi } from '../recorded.ts';
import { expectSoundEvent } from '../sound.ts';

const NOW = Date.UTC(2026, 10, 20, 12);

/** What becomes of the recorded payloads: "verifies and parses, must not call the platform, no side effects". */
export function describeRecorded(descriptor: PlatformDescriptor): void {
  describe('recorded payloads', () => {
    const { credentials } = descriptor.recorded;
    const names = fixtureNames(descriptor.platform);
    let api: RecordedApi;
    let made: ReturnType<typeof makeAdapter>;
    beforeAll(async () => {
      api = await startRecordedApi(descriptor);
      made = makeAdapter(descriptor, { credentials, url: api.url, now: () => NOW });
    });
    afterEach(() => made.witness.expectDiscretion());
    afterAll(async () => {
      await made.adapter.close();
      await api.close();
    });

    const requestOf = (name: string) => descriptor.request(loadFixture(descriptor, name), { credentials, at: NOW });
    const take = (name: string, { adapter } = made): Promise<WebhookResult> => adapter.handleWebhook(requestOf(name));
    async function eventOf(name: string): Promise<MessageEvent> {
      const { events } = await take(name);
      expect(events).toEqual([expect.objectContaining({ kind: 'message' })]);
      return events[0] as MessageEvent;
    }

    test.each(names)('%s is a sound message or is ignored for a known reason', async (name) => {
      const result = await take(name);
      expect(result.response.status).toBe(200);
      expect(result.events.length).toBeGreaterThan(0);
      for (const event of result.events) {
        expectSoundEvent(event, descriptor, credentials);
      }
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      expect(await take(name), 'the same payload again').toEqual(result);
      expect(api.otherPaths, 'no call but for who the bot is').toEqual([]);
    });

    test('each is understood, or wanted again, while the platform is away', async () => {
      const away = await startRecordedApi(descriptor, { mode: 'away' });
      const lonely = makeAdapter(descriptor, { credentials, url: away.url, now: () => NOW });
      for (const name of names) {
        const [known] = (await take(name)).events;
        const outcome = await take(name, lonely).catch((error: unknown) => error);
        if ('events' in (outcome as object)) expect(outcome).toMatchObject({ events: [{ kind: known?.kind }] });
        else expect(outcome, name).toMatchObject({ name: 'ParleyError', code: 'unavailable' });
      }
      lonely.witness.expectDiscretion();
      await lonely.adapter.close();
      await away.close();
    });

    test('dedupe keys are those of one message alone', async () => {
      const owners = new Map<string, string>();
      const twins = situation(descriptor, 'secondEvent') ?? [];
      for (const name of names) {
        const [event] = (await take(name)).events;
        if (event?.kind !== 'message' || name === twins[1]) continue;
        for (const key of event.dedupeKeys) {
          expect(owners.get(key), `${key} of ${name}`).toBeUndefined();
          owners.set(key, name);
        }
      }
    });

    const messages: [keyof Situations, (message: Message) => void][] = [
      ['direct', plain('direct')],
      ['groupChatter', plain('group')],
      ['groupMention', (message) => expect(message).toMatchObject({ chat: { kind: 'group' }, addressed: 'mention' })],
      ['groupMention', ({ text }) => expect(text).not.toBe('')],
      ['bareMention', (message) => expect(message).toMatchObject({ text: '', addressed: 'mention', attachments: [] })],
      ['thread', ({ thread }) => expect(thread).toEqual(expect.any(String))],
      ['replyToBot', (message) => expect(message.addressed === 'reply' || message.contextRefs.length > 0).toBe(true)],
      ['file', ({ attachments }) => expect(attachments).toHaveLength(1)],
      ['askCommand', (message) => expect(message.command).toEqual({ name: '/ai', args: message.text })],
      ['askCommand', ({ text }) => expect(text).not.toBe('')],
      ['resetCommand', (message) => expect(message).toMatchObject({ text: '', command: { name: '/reset', args: '' } })],
    ];
    test.each(messages)('%s', async (name, check) => {
      const [fixture] = situation(descriptor, name) ?? [];
      check((await eventOf(String(fixture))).message);
    });

    const ignored: [keyof Situations, IgnoreReason][] = [
      ['ownMessage', 'own_message'],
      ['otherBotMessage', 'bot_message'],
      ['join', 'join'],
      ['handshake', 'handshake'],
      ['otherBotCommand', 'other_bot_command'],
    ];
    const present = ignored.filter(([name]) => situation(descriptor, name));
    test.each(present)('%s never starts a turn', async (name, reason) => {
      const [fixture] = situation(descriptor, name) ?? [];
      expect((await take(String(fixture))).events).toEqual([{ kind: 'ignored', reason }]);
    });

    test('edit never starts a turn', async () => {
      const { events } = await take(descriptor.situations.edit);
      const ignored = { kind: 'ignored', reason: 'edit' };
      // A platform that tells what was changed may have the hub honour it while the message still waits.
      for (const event of events) if (!['edited', 'deleted'].includes(event.kind)) expect(event).toEqual(ignored);
    });

    const twins = situation(descriptor, 'secondEvent');
    test.runIf(twins)('two events of one post share a dedupe key and say the same', async () => {
      const [first, second] = await Promise.all((twins ?? []).map(eventOf));
      expect(first?.dedupeKeys.filter((key) => second?.dedupeKeys.includes(key))).not.toEqual([]);
      const { id, chat, text } = second?.message ?? {};
      expect(first?.message).toMatchObject({ id, chat, text });
    });
  });
}

function plain(kind: Message['chat']['kind']): (message: Message) => void {
  return (message) => {
    expect(message).toMatchObject({ chat: { kind }, text: expect.stringMatching(/\S/) });
    expect([message.addressed, message.command, message.thread, message.replyTo]).toEqual(Array(4).fill(undefined));
  };
}
