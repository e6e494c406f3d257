import type { Envelope } from '@parley/core/bus';
import type { Message } from '@parley/core/message';
import { expect, test } from 'vitest';
import { aMessage, anEnvelope } from '../support/messages.ts';
import { nothingToKeep, useBus } from './helpers/bus.ts';

const bus = useBus();

const whereOf = ({ tenant, channel, message }: Envelope) => ({ tenant, channel, chat: message.chat.id });
const edit = (envelope: Envelope, over: Partial<Message>, merge?: number) =>
  bus.amender().edit(whereOf(envelope), envelope.message.id, aMessage(over), () => ({ merge }));
const remove = (envelope: Envelope) => bus.amender().remove(whereOf(envelope), envelope.message.id);

test('a waiting question takes the new wording, and keeps its turn, its place and where its answer goes', async () => {
  const first = anEnvelope();
  const second = { ...anEnvelope({ state: { url: 'here' }, thread: 't' }), merge: 3, later: 'kept' };
  const third = anEnvelope();
  for (const envelope of [first, second, third]) await bus.publish(envelope);
  expect(await edit(second, { text: 'new', sentAt: 1, thread: 'elsewhere', language: 'zh' }, 7)).toBe('applied');
  const next = await bus.turns().complete(await bus.claim(first), 'w', nothingToKeep);
  if (next.status !== 'head') throw new Error('expected the second');
  const { envelope } = next.head;
  expect(envelope).toMatchObject({ turn: second.turn, receivedAt: second.receivedAt, merge: 7, later: 'kept' });
  expect(envelope.message).toEqual({ ...second.message, text: 'new', language: 'zh' });
  expect(await bus.depth()).toBe(2);
});

test('one that was deleted is not answered, and leaves nothing behind that waits', async () => {
  const [first, second] = [anEnvelope(), anEnvelope()];
  await bus.publish(first);
  await bus.publish(second);
  expect(await remove(second)).toBe('applied');
  expect(await bus.depth()).toBe(1);
  expect(await remove(second)).toBe('late');
  expect(await bus.publish(second)).toBe('duplicate');
  expect(await remove(first)).toBe('applied');
  expect(await bus.depth()).toBe(0);
  expect(await bus.redis().keys('*:{mailbox,pending}*')).toEqual([]);
  expect(await bus.redis().keys('*:pending')).toEqual([]);
  expect((await bus.turns().claim(first.conversation, 'w')).status).toBe('empty');
});

test('a turn that has begun is not changed any more, with all that it answers, not even while nobody owns it', async () => {
  const [head, merged, free] = [1, 2, 3].map((merge) => ({ ...anEnvelope(), merge })) as [Envelope, Envelope, Envelope];
  await bus.publish(head);
  await bus.publish(merged);
  await bus.claim(head);
  await bus.publish(free);
  await bus.turns().release(head.conversation, 'w');
  for (const envelope of [head, merged]) {
    expect(await edit(envelope, { text: 'new' })).toBe('late');
    expect(await remove(envelope)).toBe('late');
  }
  expect(await remove(free)).toBe('applied');
  const again = await bus.claim(head);
  expect([again.envelope, ...again.also].map(({ message }) => message.text)).toEqual([
    head.message.text,
    merged.message.text,
  ]);
  await bus.turns().complete(again, 'w', nothingToKeep);
  expect(await edit(head, { text: 'new' })).toBe('late');
});

test('what was never for the bot, or is another bot’s, is late', async () => {
  const envelope = anEnvelope();
  expect(await remove(envelope)).toBe('late');
  await bus.publish(envelope);
  expect(await remove({ ...envelope, channel: 'another-bot' })).toBe('late');
  expect(await remove({ ...envelope, tenant: 'another-tenant' })).toBe('late');
  expect(await bus.depth()).toBe(1);
});

test('a message is found under each of its names, and by whichever conversation of the chat it is in', async () => {
  const envelope = anEnvelope();
  const conversation = { ...envelope.conversation, id: envelope.conversation.id.replace(/.{22}$/, 'x'.repeat(22)) };
  await bus.publish({ ...envelope, conversation });
  expect(await remove(envelope)).toBe('applied');
});

test('simultaneous edits and deletions end in one of them', async () => {
  const envelopes = Array.from({ length: 20 }, () => anEnvelope());
  for (const envelope of envelopes) await bus.publish(envelope);
  const outcomes = await Promise.all(
    envelopes.flatMap((envelope) => [edit(envelope, { text: 'a' }), remove(envelope), edit(envelope, { text: 'b' })]),
  );
  expect(outcomes.filter((outcome) => outcome === 'applied').length).toBeGreaterThanOrEqual(20);
  expect(await bus.depth()).toBe(0);
});
