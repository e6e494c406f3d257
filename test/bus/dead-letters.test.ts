import { type Envelope, writeDeadLetter } from '@parley/core/bus';
import { expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { nothingToKeep, useBus } from './helpers/bus.ts';

const bus = useBus();
const ANSWER = JSON.stringify({ status: 'success', text: '42' });

const inChat = (id: string, tenant = 'acme') => anEnvelope({ chat: { id, kind: 'direct' } }, tenant);

/** Lets a turn fail for good. */
async function fail(envelope: Envelope, failure: { answer?: string; receipts?: string } = {}): Promise<void> {
  await bus.publish(envelope);
  const head = await bus.claim(envelope);
  const letter = writeDeadLetter(head, { errorCode: 'platform_rejected', failedAt: 1000, ...failure });
  await bus.turns().complete(head, 'w', { ...nothingToKeep, deadLetter: letter });
}

test('a failed turn is kept with all that is needed to understand it, for its tenant alone', async () => {
  const envelope = inChat('a');
  await fail(envelope, { answer: ANSWER, receipts: '[]' });
  const letters = bus.deadLetters();
  expect(await letters.get('acme', envelope.turn)).toMatchObject({
    turn: envelope.turn,
    envelope: { message: envelope.message },
    also: [],
    answer: ANSWER,
    errorCode: 'platform_rejected',
    attempts: 1,
    failedAt: 1000,
  });
  expect(await letters.get('other', envelope.turn)).toBeUndefined();
  expect((await letters.list('other')).letters).toEqual([]);
  expect(await letters.counts()).toEqual(new Map([['acme', { kept: 1, dropped: 0 }]]));
});

test('the list goes through all chats, newest first, page by page', async () => {
  const envelopes = Array.from({ length: 23 }, (_, i) => inChat(`chat ${i}`));
  for (const envelope of envelopes) await fail(envelope);
  const letters = bus.deadLetters();
  const seen: string[] = [];
  let before: string | undefined;
  do {
    const page = await letters.list('acme', { limit: 5, before });
    expect(page.letters.length).toBeLessThanOrEqual(5);
    seen.push(...page.letters.map(({ turn }) => turn));
    before = page.next;
  } while (before);
  expect(seen).toEqual(
    envelopes
      .map(({ turn }) => turn)
      .toSorted()
      .toReversed(),
  );
});

test('replayed, it is a new turn that goes on with the recorded answer where it had ended', async () => {
  const envelope = { ...inChat('a'), merge: 10 };
  const receipts = JSON.stringify([{ messageId: 'p1', refs: [] }]);
  await fail(envelope, { answer: ANSWER, receipts });
  const letters = bus.deadLetters();
  const replayed = await letters.replay('acme', envelope.turn);
  if (replayed.status !== 'replayed') throw new Error(replayed.status);
  const head = await bus.claim(envelope, 'w2');
  expect(head.envelope).toMatchObject({ turn: replayed.turn, message: envelope.message });
  expect(head.envelope.turn).not.toBe(envelope.turn);
  expect(head.record).toMatchObject({ answer: ANSWER, receipts, sending: '1' });
  await bus.turns().release(envelope.conversation, 'w2');
  const resumed = await bus.claim(envelope, 'w3');
  expect(resumed.record).toMatchObject({ answer: ANSWER, attempts: '2' });
  await bus.turns().complete(resumed, 'w3', nothingToKeep);
  expect(await letters.get('acme', envelope.turn)).toBeUndefined();
  expect(await letters.counts()).toEqual(new Map());
  expect(await bus.depth()).toBe(0);
});

test('an unanswered one is asked anew, with all questions it held, even after it failed twice', async () => {
  const [first, second] = [
    { ...inChat('a'), merge: 1 },
    { ...inChat('a'), merge: 1 },
  ];
  await bus.publish(first);
  await fail(second);
  const letters = bus.deadLetters();
  await letters.replay('acme', first.turn);
  const head = await bus.claim(first, 'w');
  expect(head.record.answer).toBeUndefined();
  const failed = writeDeadLetter(head, { errorCode: 'internal', failedAt: 2000 });
  await bus.turns().complete(head, 'w', { ...nothingToKeep, deadLetter: failed });
  await letters.replay('acme', head.envelope.turn);
  const again = await bus.claim(first, 'w');
  expect([again.envelope, ...again.also].map(({ message }) => message.id)).toEqual([
    first.message.id,
    second.message.id,
  ]);
});

test('many replays and a drop at the same time have one effect', async () => {
  const envelope = inChat('a');
  await fail(envelope);
  const letters = bus.deadLetters();
  const results = await Promise.all([
    ...Array.from({ length: 10 }, async () => (await letters.replay('acme', envelope.turn)).status === 'replayed'),
    letters.drop('acme', envelope.turn),
  ]);
  expect(results.filter(Boolean)).toHaveLength(1);
  expect(await bus.depth()).toBe(results[10] ? 0 : 1);
});

test('a full mailbox takes no replay, and the letter stays', async () => {
  const envelope = inChat('a');
  await fail(envelope);
  for (let i = 0; i < bus.maxMailbox; i++) await bus.publish(inChat('a'));
  expect(await bus.deadLetters().replay('acme', envelope.turn)).toEqual({ status: 'full' });
  expect(await bus.deadLetters().drop('acme', envelope.turn)).toBe(true);
  expect(await bus.deadLetters().drop('acme', envelope.turn)).toBe(false);
});

test('the oldest make room, and are counted', async () => {
  const envelopes = Array.from({ length: 1005 }, () => inChat('one chat'));
  for (const envelope of envelopes) await fail(envelope);
  const letters = bus.deadLetters();
  expect(await letters.counts()).toEqual(new Map([['acme', { kept: 1000, dropped: 5 }]]));
  const sorted = envelopes.map(({ turn }) => turn).toSorted();
  expect(await letters.get('acme', sorted[4] ?? '')).toBeUndefined();
  expect(await letters.get('acme', sorted[5] ?? '')).toBeDefined();
});
