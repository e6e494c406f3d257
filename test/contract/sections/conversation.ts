import type { Message } from '@parley/core/message';
import type { PlatformSimulator, SayInput, SentMessage, SimMessage } from '@parley/simulators';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/index.ts';
import { type Bench, newSend, targetOf, useBench } from '../bench.ts';
import type { PlatformDescriptor } from '../descriptor.ts';
import { expectSoundEvent } from '../sound.ts';
import { PRIVATE } from '../witness.ts';

/** What people say in the simulated platform, and where they then see the answer. */
export function describeConversation(descriptor: PlatformDescriptor): void {
  describe('a conversation', () => {
    const bench = useBench(descriptor);
    const { live } = descriptor;

    /** Somebody says it; the message as the hub gets it. */
    async function hear(input: Omit<SayInput, 'chat'> & { chat?: string }): Promise<Message> {
      const sent = await bench.simulator.say({ chat: bench.newChat(), ...input });
      return bench.inbox.message(sent);
    }
    const command = async (kind: 'direct' | 'group', name: string, args: string) =>
      bench.inbox.message(await live.command(bench.simulator, { chat: bench.newChat(), kind, name, args }));
    /** Waits until whatever was said in this chat before has arrived, for what must not arrive at all. */
    async function settle(chat: string, kind: SayInput['kind'] = 'direct'): Promise<SentMessage> {
      const sent = await bench.simulator.say({ chat, kind, text: 'the last word' });
      await bench.inbox.message(sent);
      return sent;
    }

    test('what people say arrives as they meant it', async () => {
      const direct = await hear({ text: `${PRIVATE} one`, from: 'alice' });
      expect(direct).toMatchObject({ chat: { kind: 'direct' }, text: `${PRIVATE} one`, language: 'en' });
      plain(direct);
      const chatter = await hear({ kind: 'group', text: `${PRIVATE} two` });
      expect(chatter).toMatchObject({ chat: { kind: 'group' }, text: `${PRIVATE} two` });
      plain(chatter);
      const mention = await hear({ kind: 'group', mentionBot: true, text: `${PRIVATE} three` });
      expect(mention).toMatchObject({ text: `${PRIVATE} three`, addressed: 'mention', mentions: [] });
      const bare = await hear({ kind: 'group', mentionBot: true, text: '' });
      expect(bare).toMatchObject({ text: '', addressed: 'mention', attachments: [] });
      const chinese = await hear({ text: `${PRIVATE} 你好，今天天气怎么样？`, locale: 'zh' });
      expect(chinese).toMatchObject({ text: `${PRIVATE} 你好，今天天气怎么样？`, language: 'zh' });
      const lines = await hear({ text: 'a < b && c > d\n\n  "quoted" <tag> &amp; 😀' });
      expect(lines.text).toBe('a < b && c > d\n\n  "quoted" <tag> &amp; 😀');
      for (const { sentAt } of [direct, chatter, mention]) expect(Math.abs(Date.now() - sentAt)).toBeLessThan(60_000);
      expect(bench.inbox.failures).toEqual([]);
      for (const { status } of bench.simulator.deliveries) expect(status).toBe(200);
    });

    test.each(['direct', 'group'] as const)('commands arrive as commands in a %s chat', async (kind) => {
      expect(await command(kind, 'ai', `${PRIVATE} what now`)).toMatchObject({
        chat: { kind },
        text: `${PRIVATE} what now`,
        command: { name: '/ai', args: `${PRIVATE} what now` },
      });
      expect(await command(kind, 'help', '')).toMatchObject({ text: '', command: { name: '/help', args: '' } });
      expect(await command(kind, 'reset', '')).toMatchObject({ text: '', command: { name: '/reset', args: '' } });
      expect(await command(kind, 'model', 'x-1')).toMatchObject({
        text: 'x-1',
        command: { name: '/model', args: 'x-1' },
      });
    });

    test('every event is sound', () => {
      const credentials = bench.simulator.credentials;
      expect(bench.inbox.events.length).toBeGreaterThan(10);
      for (const event of bench.inbox.events) expectSoundEvent(event, descriptor, credentials);
    });

    test('a message delivered twice has a dedupe key in common, and no other message has it', async () => {
      const stop = bench.simulator.disturb({ times: 1, action: { kind: 'duplicate' } });
      const { chat } = await hear({ text: 'said once' });
      stop();
      await until('the second delivery', () => bench.inbox.messagesIn(chat.id).length === 2);
      await settle(chat.id);
      const [first, second, other] = bench.inbox.messagesIn(chat.id).map(({ dedupeKeys }) => dedupeKeys);
      expect(first?.some((key) => second?.includes(key))).toBe(true);
      expect(first?.some((key) => other?.includes(key))).toBe(false);
    });

    test('neither edits nor deletions nor the bot itself start a turn', async () => {
      const question = await hear({ kind: 'group', mentionBot: true, text: 'first' });
      await answer(bench, question, 'an answer');
      const chat = question.chat.id;
      await bench.simulator.edit(chat, question.id, 'second');
      await bench.simulator.remove(chat, question.id);
      const last = await settle(chat, 'group');
      const ids = new Set(bench.inbox.messagesIn(chat).map(({ message }) => message.id));
      expect([...ids]).toEqual([question.id, last.id]);
      const keys = bench.inbox.messagesIn(chat).flatMap(({ dedupeKeys }) => dedupeKeys);
      for (const event of bench.inbox.events) if ('key' in event) expect(keys).toContain(event.key);
    });

    test.runIf(live.handshake)('the handshake is answered', async () => {
      expect(await live.handshake?.(bench.simulator)).toBe(true);
    });

    const places: [string, () => Promise<Message>][] = [
      ['a direct chat', () => hear({ text: `${PRIVATE} where` })],
      ['a group', () => hear({ kind: 'group', mentionBot: true, text: `${PRIVATE} where` })],
      ['a direct command', () => command('direct', 'ai', 'where')],
      ['a command in a group', () => command('group', 'ai', 'where')],
      [
        'a thread',
        async () => {
          const chat = bench.newChat();
          const thread = await live.openThread(bench.simulator, chat);
          return hear({ chat, kind: 'group', thread, mentionBot: true, text: `${PRIVATE} where` });
        },
      ],
    ];
    test.each(places)('the answer stands where the question was: %s', async (_place, ask) => {
      const question = await ask();
      const { shown, receipt } = await answer(bench, question, `**the answer** ${PRIVATE}`);
      expect(shown).toMatchObject({ chat: question.chat.id, text: `the answer ${PRIVATE}`, author: 'bot' });
      expectPlace(bench.simulator, question, shown);

      expect(receipt.messageId).not.toBe('');
      expect(receipt.refs).toContain(receipt.messageId);
      expect(JSON.parse(JSON.stringify(receipt))).toEqual(receipt);
    });

    test('a reply to the bot can be told, by itself or by the receipt of what it replies to', async () => {
      const question = await hear({ kind: 'group', mentionBot: true, text: 'a question' });
      const { shown, receipt } = await answer(bench, question, 'an answer');
      const reply = await hear({ chat: question.chat.id, kind: 'group', replyTo: shown.id, text: 'and then?' });
      // What the hub remembers as the bot's own: its messages, and the threads that its answers have opened.
      const own = [question.opensThread, ...receipt.refs];
      const known = reply.contextRefs.some((ref) => own.includes(ref));
      expect(known || reply.addressed === 'reply').toBe(true);
      if (question.opensThread !== undefined) expect(reply.thread).toBe(question.opensThread);
    });
  });
}

/** Answers as the hub does; resolves with what people then see. */
export async function answer({ adapter, simulator }: Bench, question: Message, markdown: string) {
  const [part] = adapter.formatReply(markdown);
  if (part === undefined) return expect.fail('nothing to send');
  const before = new Set(simulator.transcript(question.chat.id).map(({ id }) => id));
  const receipt = await adapter.postMessage(targetOf(question), part, newSend());
  const isNew = ({ id, author }: SimMessage) => author === 'bot' && !before.has(id);
  const shown = await simulator.waitFor(question.chat.id, isNew);
  return { shown, receipt };
}

function expectPlace(simulator: PlatformSimulator, question: Message, shown: SimMessage): void {
  const asked = simulator.transcript(question.chat.id).find(({ id }) => id === question.id);
  expect(question.thread).toBe(asked?.thread);
  if (asked === undefined) return; // a command that leaves no message, so there is none to stand under
  expect(shown.thread).toBe(question.thread ?? question.opensThread);
  const isQuoted = shown.replyTo === question.id || shown.thread !== undefined;
  expect(isQuoted, 'in a group it is plain what it answers').toBe(question.chat.kind === 'group');
}

function plain(message: Message): void {
  expect([message.addressed, message.command, message.thread, message.replyTo]).toEqual(Array(4).fill(undefined));
}
