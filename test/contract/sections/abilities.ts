import type { Adapter, InboundEvent } from '@parley/core/adapter';
import type { Attachment, Message } from '@parley/core/message';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../../support/index.ts';
import { makeAdapter, newSend, targetOf, useBench } from '../bench.ts';
import type { PlatformDescriptor } from '../descriptor.ts';
import { loadFixture, startRecordedApi } from '../recorded.ts';

/** The optional members of an adapter. What it lacks is skipped. */
export function describeAbilities(descriptor: PlatformDescriptor): void {
  describe('optional abilities', () => {
    const bench = useBench(descriptor);
    const { live } = descriptor;

    async function ask(kind: 'direct' | 'group'): Promise<Message> {
      const mentionBot = kind === 'group';
      return bench.inbox.message(await bench.simulator.say({ chat: bench.newChat(), kind, mentionBot, text: 'hello' }));
    }

    test.each(['direct', 'group'] as const)(
      'typing starts, goes on and ends with the answer in a %s chat',
      async (kind) => {
        const { adapter, simulator } = bench;
        if (!adapter.startTyping) return;
        const question = await ask(kind);
        const target = targetOf(question);
        const isTyping = () =>
          live.isTyping?.(simulator, { ...question, chat: question.chat.id, thread: question.thread });
        let handle = await adapter.startTyping(target);
        expect(JSON.parse(JSON.stringify({ handle }))).toEqual({ handle });
        if (kind === 'group') expect(isTyping()).toBe(true);
        handle = await adapter.startTyping(target);
        for (const part of adapter.formatReply('done')) await adapter.postMessage(target, part, newSend());
        await adapter.stopTyping?.(target, handle);
        expect(isTyping()).not.toBe(true);
        // An indicator that nobody takes away vanishes by itself, so it has to be repeated.
        if (!adapter.stopTyping) expect(adapter.typingIntervalMs).toBeGreaterThan(0);
      },
    );

    test('the bytes of a file are fetched, and no more than are wanted', async ({ skip }) => {
      const { credentials } = descriptor.recorded;
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251));
      const api = await startRecordedApi(descriptor, { bytes });
      const { adapter, witness } = makeAdapter(descriptor, { credentials, url: api.url });
      onTestFinished(async () => {
        await adapter.close();
        await api.close();
      });
      if (!adapter.fetchFile) return skip('it has no files');
      const fixture = loadFixture(descriptor, descriptor.situations.file);
      const { events } = await adapter.handleWebhook(descriptor.request(fixture, { credentials, at: Date.now() }));
      const message = (events[0] as Extract<InboundEvent, { kind: 'message' }>).message;
      // What was announced is not to be believed.
      const attachment = { ...(message.attachments[0] as Attachment), sizeBytes: 1 };
      expect(bytes.equals(await adapter.fetchFile(message, attachment, bytes.length))).toBe(true);
      const tooLarge = await witness.refusal(adapter.fetchFile(message, attachment, bytes.length - 1));
      expect(tooLarge.code).toBe('payload_too_large');
      await api.close();
      const away = await witness.refusal(adapter.fetchFile(message, attachment, bytes.length));
      expect(away.code).toBe('platform_unavailable');
      witness.expectDiscretion();
    });

    test.runIf(live.transport)(
      'a long connection brings events, again until they are taken, and ends when told',
      async () => {
        const simulator = await live.start();
        const { credentials, url } = simulator;
        const { adapter, witness } = makeAdapter(descriptor, { credentials, url, transport: live.transport });
        onTestFinished(async () => {
          await adapter.close();
          await simulator.close();
        });
        if (!adapter.connect) return expect.fail('the descriptor names a transport, but the adapter has no connect');
        const offered: InboundEvent[] = [];
        const abort = new AbortController();
        const connection = adapter.connect(async (events) => {
          const isFirst = offered.length === 0;
          offered.push(...events);
          if (isFirst) throw new Error('not durable');
        }, abort.signal);
        const sent = await simulator.say({ chat: 'over there', text: 'hello' });
        const copies = () => offered.filter((event) => event.kind === 'message' && event.message.id === sent.id);
        await until('the event that was not taken, once more', () => copies().length >= 2);
        expect(copies()[1]).toMatchObject({ message: { text: 'hello', chat: { id: sent.chat, kind: 'direct' } } });
        abort.abort();
        await connection;
        witness.expectDiscretion();
      },
    );

    test('the webhook is registered, twice as well as once', async ({ skip }) => {
      const register: Adapter['register'] = bench.adapter.register;
      if (!register) return skip('it cannot register');
      bench.simulator.setWebhook(undefined);
      await register(bench.inbox.url);
      expect(await ask('direct')).toMatchObject({ text: 'hello' });
      const before = bench.simulator.calls.length;
      await register(bench.inbox.url);
      const again = bench.simulator.calls.slice(before).map(({ method }) => method);
      expect(
        again.filter((method) => /^(set|delete)/.test(method)),
        'nothing is changed that already stands',
      ).toEqual([]);
      expect(await ask('direct')).toMatchObject({ text: 'hello' });
    });
  });
}
