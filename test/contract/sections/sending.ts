import type { OutgoingPart, Receipt } from '@parley/core/adapter';
import type { Message } from '@parley/core/message';
import type { SimMessage } from '@parley/simulators';
import { describe, expect, test } from 'vitest';
import { newSend, targetOf, useBench } from '../bench.ts';
import type { PlatformDescriptor } from '../descriptor.ts';
import { GOLDEN, PINGS } from '../golden.ts';
import { expectWordsInOrder } from '../order.ts';
import { PRIVATE } from '../witness.ts';

/** What people see of what is sent: complete, edited in place, plain where markup is refused, and notifying nobody. */
export function describeSending(descriptor: PlatformDescriptor): void {
  describe('sending', () => {
    const bench = useBench(descriptor);
    const { outgoing } = descriptor;

    async function ask(): Promise<Message> {
      const chat = bench.newChat();
      return bench.inbox.message(
        await bench.simulator.say({ chat, kind: 'group', mentionBot: true, text: 'a question' }),
      );
    }
    const seen = ({ chat }: Message): SimMessage[] =>
      bench.simulator.transcript(chat.id).filter(({ author }) => author === 'bot');
    const sendCalls = (methods: RegExp) => bench.simulator.calls.filter(({ method }) => methods.test(method)).length;
    /** The next call to one of these methods is refused for its markup. */
    const refuseMarkup = (method: RegExp) =>
      bench.simulator.misbehave({ method, times: 1, action: { kind: 'error', error: outgoing.markupRefused } });
    async function send(question: Message, parts: OutgoingPart[]): Promise<Receipt[]> {
      const receipts: Receipt[] = [];
      for (const part of parts) receipts.push(await bench.adapter.postMessage(targetOf(question), part, newSend()));
      return receipts;
    }

    test.each(GOLDEN)('$name: all of it arrives, in order, at the first try', async ({ markdown, shows }) => {
      const question = await ask();
      const before = sendCalls(outgoing.sends);
      const parts = bench.adapter.formatReply(markdown);
      const receipts = await send(question, parts);
      expect(sendCalls(outgoing.sends) - before, 'one call a part: none was refused').toBe(parts.length);
      const messages = seen(question);
      expect(messages.map(({ id }) => id)).toEqual(receipts.map(({ messageId }) => messageId));
      expectWordsInOrder(messages.map(({ text }) => text).join('\n'), shows);
    });

    test.each(GOLDEN)('$name: all of it arrives without markup where that is refused', async ({ markdown, shows }) => {
      const question = await ask();
      for (const part of bench.adapter.formatReply(markdown)) {
        refuseMarkup(outgoing.sends);
        await send(question, [part]);
      }
      expectWordsInOrder(
        seen(question)
          .map(({ text }) => text)
          .join('\n'),
        shows,
      );
    });

    test.each(PINGS)('%s notifies nobody, with markup or without', async (_name, markdown) => {
      const question = await ask();
      const expectSilence = () => expect(seen(question).flatMap(outgoing.pings)).toEqual([]);
      const [part] = bench.adapter.formatReply(markdown);
      const [other] = bench.adapter.formatReply('for now');
      if (!part || !other) return expect.fail('nothing to send');
      await send(question, [part]);
      expectSilence();
      refuseMarkup(outgoing.sends);
      await send(question, [part]);
      expectSilence();

      const { editMessage } = bench.adapter;
      if (!editMessage) return;
      const [receipt] = await send(question, [other]);
      const edit = () => receipt && editMessage(targetOf(question), receipt, part, newSend());
      await edit();
      expectSilence();
    });

    test('a message is edited in place, and once more with the same text', async ({ skip }) => {
      const { editMessage } = bench.adapter;
      if (!editMessage) return skip('it cannot edit');
      const question = await ask();
      const [first, second] = ['**one**', `*two* ${PRIVATE}`].flatMap((text) => bench.adapter.formatReply(text));
      const [receipt] = await send(question, first ? [first] : []);
      if (!receipt || !second) return expect.fail('nothing to edit');
      const edit = () => editMessage(targetOf(question), receipt, second, newSend());
      await edit();
      expect(seen(question)).toEqual([
        expect.objectContaining({ id: receipt.messageId, text: `two ${PRIVATE}`, versions: ['one', `two ${PRIVATE}`] }),
      ]);
      await edit();
      expect(seen(question)).toHaveLength(1);
      expect(seen(question)[0]?.text).toBe(`two ${PRIVATE}`);
    });

    test('an edit is plain where its markup is refused', async ({ skip }) => {
      const { editMessage } = bench.adapter;
      if (!editMessage) return skip('it cannot edit');
      const question = await ask();
      const [first, second] = ['**one**', '**two** words'].flatMap((text) => bench.adapter.formatReply(text));
      if (!first || !second) return expect.fail('nothing to send');
      // A message that already went out plain: some platforms edit those by another method.
      refuseMarkup(outgoing.sends);
      const [receipt] = await send(question, [first]);
      if (!receipt) return expect.fail('no receipt');
      refuseMarkup(outgoing.edits);
      await editMessage(targetOf(question), receipt, second, newSend());
      expect(seen(question).map(({ text }) => text)).toEqual(['two words']);
    });

    test('the answer goes out although the question is gone', async () => {
      const question = await ask();
      await bench.simulator.remove(question.chat.id, question.id);
      await send(question, bench.adapter.formatReply('all the same'));
      expect(seen(question).map(({ text }) => text)).toEqual(['all the same']);
    });
  });
}
