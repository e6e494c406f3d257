import type { Adapter, StreamState } from '@parley/core/adapter';
import type { Message } from '@parley/core/message';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeAdapter, newSend, targetOf, useBench } from '../bench.ts';
import type { PlatformDescriptor } from '../descriptor.ts';
import { PRIVATE } from '../witness.ts';

/** An answer shown while it is written: however it went on the way, in the end it stands there once and complete. */
export function describeStreaming(descriptor: PlatformDescriptor): void {
  describe('a streamed answer', () => {
    const bench = useBench(descriptor);

    async function ask(kind: 'direct' | 'group'): Promise<Message> {
      const mentionBot = kind === 'group';
      return bench.inbox.message(
        await bench.simulator.say({ chat: bench.newChat(), kind, mentionBot, text: 'a question' }),
      );
    }
    const answers = ({ chat }: Message) =>
      bench.simulator.transcript(chat.id).filter(({ author, text }) => author === 'bot' && text !== '');

    /** Begins a stream on `adapter`, keeping what it saves as the turn's record would: as JSON. */
    async function begin(adapter: Adapter, question: Message, earlier?: StreamState) {
      if (!adapter.startStream) return expect.fail('it cannot stream');
      const saved: StreamState[] = [];
      const save = async (state: StreamState) => void saved.push(JSON.parse(JSON.stringify(state)));
      const stream = await adapter.startStream(targetOf(question), { ...newSend(), save }, earlier);
      return { stream, saved };
    }
    const partOf = (markdown: string) => bench.adapter.formatReply(markdown)[0] ?? expect.fail('nothing to send');

    test.each(['direct', 'group'] as const)('stands there once and exact, in a %s chat', async (kind) => {
      if (!bench.adapter.startStream) return;
      const question = await ask(kind);
      const { stream, saved } = await begin(bench.adapter, question);
      expect(stream.intervalMs).toBeGreaterThan(0);
      for (const text of ['It', 'It **grows**', `It **grows** ${PRIVATE}`]) await stream.update(text);
      const part = partOf(`It **has grown** ${PRIVATE}.`);
      const receipt = await stream.finish(part);
      expect(await stream.finish(part), 'finishing again changes nothing').toEqual(receipt);
      expect(answers(question).map(({ id, text }) => ({ id, text }))).toEqual([
        { id: receipt.messageId, text: `It has grown ${PRIVATE}.` },
      ]);
      expect(receipt.refs).toContain(receipt.messageId);
      for (const name of descriptor.secrets) {
        expect(JSON.stringify(saved)).not.toContain(bench.simulator.credentials[name]);
      }
    });

    test.each(['direct', 'group'] as const)(
      'is finished by another process in the same message, in a %s chat',
      async (kind) => {
        if (!bench.adapter.startStream) return;
        const question = await ask(kind);
        const { stream, saved } = await begin(bench.adapter, question);
        await stream.update('half of');
        stream.abandon();
        const { credentials, url } = bench.simulator;
        const other = makeAdapter(descriptor, { credentials, url });
        onTestFinished(() => other.adapter.close());
        const resumed = await begin(other.adapter, question, saved.at(-1));
        await resumed.stream.finish(partOf('the whole answer'));
        expect(answers(question).map(({ text }) => text)).toEqual(['the whole answer']);
        other.witness.expectDiscretion();
      },
    );

    test('needs no preview, and survives refused ones', async () => {
      if (!bench.adapter.startStream) return;
      const question = await ask('group');
      const { stream } = await begin(bench.adapter, question);
      await stream.update('so far');
      const stop = bench.simulator.misbehave({ action: { kind: 'rate_limit', retryAfterSeconds: 2 } });
      const refused = await bench.witness.refusal(stream.update('so far and on'));
      stop();
      expect(refused.code).toBe('platform_rate_limited');
      await stream.finish(partOf('all the same'));
      const silent = await ask('group');
      await (await begin(bench.adapter, silent)).stream.finish(partOf('at once'));
      expect([question, silent].map((one) => answers(one).map(({ text }) => text))).toEqual([
        ['all the same'],
        ['at once'],
      ]);
    });
  });
}
