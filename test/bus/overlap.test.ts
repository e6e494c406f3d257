import { type Head, listenForStops, type StopNotice } from '@parley/core/bus';
import type { Message } from '@parley/core/message';
import { describe, expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { until } from '../support/until.ts';
import { nothingToKeep, useBus } from './helpers/bus.ts';

const bus = useBus();

const question = (over: Partial<Message> = {}) => {
  const envelope = anEnvelope(over);
  return { ...envelope, merge: envelope.message.text.length };
};
const command = (name: string) => anEnvelope({ command: { name, args: '' }, text: '' });
const turnsOf = ({ envelope, also }: Head) => [envelope, ...also].map(({ turn }) => turn);

describe('merge', () => {
  test('answers what waits together, up to the first that is no plain question, and takes all of it away', async () => {
    const envelopes = [question(), question(), question(), command('/reset'), question()];
    for (const envelope of envelopes) await bus.publish(envelope);
    const [a, b, c, reset, last] = envelopes.map(({ turn }) => turn);
    const head = await bus.claim(envelopes[0] as never);
    expect(turnsOf(head)).toEqual([a, b, c]);
    const second = await bus.turns().complete(head, 'w', nothingToKeep);
    if (second.status !== 'head') throw new Error('expected the command');
    expect(turnsOf(second.head)).toEqual([reset]);
    expect(await bus.depth()).toBe(2);
    const third = await bus.turns().complete(second.head, 'w', nothingToKeep);
    if (third.status !== 'head') throw new Error('expected the last question');
    expect(turnsOf(third.head)).toEqual([last]);
    expect((await bus.turns().complete(third.head, 'w', nothingToKeep)).status).toBe('empty');
    expect(await bus.depth()).toBe(0);
  });

  test('half a character, as some clients cut it, stops nobody', async () => {
    const [broken, next] = [question({ text: 'broken \ud83d' }), question({ text: 'and next' })];
    await bus.publish(broken, 'newer');
    await bus.publish(next, 'newer');
    const head = await bus.claim(broken);
    expect(turnsOf(head)).toEqual([broken.turn, next.turn]);
    expect(head.envelope.message.text).toBe('broken \ufffd');
    expect(await bus.publish(question(), 'newer')).toBe('accepted');
  });

  test('what belongs to a turn stays the same after a crash, whatever arrived in between and when it was sent', async () => {
    const [a, b] = [question({ sentAt: 10 }), question({ sentAt: 20 })];
    await bus.publish(a);
    await bus.publish(b);
    const before = await bus.claim(a, 'w1');
    await bus.publish(question({ sentAt: 5 }));
    await bus.turns().release(a.conversation, 'w1');
    await bus.publish(question({ sentAt: 15 }));
    await bus.publish(question({ sentAt: 30 }));
    const after = await bus.claim(a, 'w2');
    expect(turnsOf(after)).toEqual(turnsOf(before));
    const next = await bus.turns().complete(after, 'w2', nothingToKeep);
    if (next.status !== 'head') throw new Error('expected the rest');
    expect([next.head.envelope, ...next.head.also].map(({ message }) => message.sentAt)).toEqual([5, 15, 30]);
  });

  test('a head that is alone when its turn begins stays alone', async () => {
    const alone = question();
    await bus.publish(alone);
    await bus.claim(alone, 'w1');
    await bus.publish(question());
    await bus.turns().release(alone.conversation, 'w1');
    expect((await bus.claim(alone, 'w2')).also).toEqual([]);
  });

  test('keeps threads apart, and is bounded by number and by characters', async () => {
    await bus.publish(question({ thread: 't1' }));
    const other = question({ thread: 't2' });
    await bus.publish(other);
    const head = await bus.claim(other);
    expect(head.also).toEqual([]);
    for (let i = 0; i < 25; i++) await bus.publish(question({ thread: 't2' }));
    const many = await bus.turns().complete(head, 'w', nothingToKeep);
    if (many.status !== 'head') throw new Error('expected many');
    expect(turnsOf(many.head)).toHaveLength(20);

    const chat = { id: 'long', kind: 'direct' } as const;
    const long = Array.from({ length: 3 }, () => question({ chat, text: 'x'.repeat(7000) }));
    for (const envelope of long) await bus.publish(envelope);
    expect(turnsOf(await bus.claim(long[0] as never))).toHaveLength(2);
  });
});

describe('debounce', () => {
  test('a question is not begun before its time, and its wake comes then', async () => {
    const now = Date.now();
    const envelope = { ...question(), receivedAt: now, notBefore: now + 3000 };
    await bus.publish(envelope);
    expect(bus.woken).toEqual([{ id: envelope.conversation.id, delayMs: 3000 }]);
    const early = await bus.turns(() => now + 1000).claim(envelope.conversation, 'w1');
    expect(early).toEqual({ status: 'empty', waitMs: 2000 });
    await bus.publish({ ...question(), receivedAt: now + 2500, notBefore: now + 5500 });
    const head = await bus.claim(envelope, 'w2', () => now + 3000);
    expect(turnsOf(head)).toHaveLength(2);
  });

  test('the next head waits for its own time; a clock that is far off makes nobody wait', async () => {
    const now = Date.now();
    const first = anEnvelope();
    const second = { ...anEnvelope(), notBefore: now + 500 };
    const third = { ...anEnvelope(), notBefore: now + 3_600_000 };
    for (const envelope of [first, second, third]) await bus.publish(envelope);
    const head = await bus.claim(first);
    const turns = bus.turns(() => now);
    expect(await turns.complete(head, 'w', nothingToKeep)).toEqual({ status: 'empty', waitMs: 500 });
    const next = await bus.claim(first, 'w2', () => now + 500);
    expect(await turns.complete(next, 'w2', nothingToKeep)).toMatchObject({ status: 'head' });
  });
});

describe('stop', () => {
  async function listen() {
    const heard: StopNotice[] = [];
    const subscriber = bus.connect();
    const stops = listenForStops(subscriber, (notice) => heard.push(notice));
    await until('the subscription', async () => {
      const [, subscribers] = (await bus.redis().pubsub('NUMSUB', 'parley:stops')) as [string, number];
      return subscribers === 1;
    });
    return { heard, close: stops.close };
  }

  test('/stop ends the running turn: told to its owner, in the record, and it does not wait itself', async () => {
    const { heard, close } = await listen();
    const asked = anEnvelope();
    await bus.publish(asked);
    await bus.claim(asked, 'w1');
    const stop = command('/stop');
    expect(await bus.publish(stop, 'command')).toBe('stopped');
    expect(await bus.publish(stop, 'command')).toBe('duplicate');
    await until('the notice', () => heard.length > 0);
    expect(heard).toEqual([{ conversation: asked.conversation.id, turn: asked.turn, reason: 'command' }]);
    expect(await bus.turns().renew(asked.conversation, 'w1')).toEqual({ owned: true, stop: 'command' });
    await bus.turns().release(asked.conversation, 'w1');
    const resumed = await bus.claim(asked, 'w2');
    expect(resumed.record.stop).toBe('command');
    expect(await bus.depth()).toBe(1);
    const next = await bus.turns().complete(resumed, 'w2', nothingToKeep);
    expect(next.status).toBe('empty');
    await close();
  });

  test('/stop with nothing to stop waits like any message, once', async () => {
    const stop = command('/stop');
    expect(await bus.publish(stop, 'command')).toBe('accepted');
    expect(await bus.publish(stop, 'command')).toBe('duplicate');
    expect((await bus.claim(stop)).envelope.turn).toBe(stop.turn);
  });

  test('/stop also ends what has not begun yet, even what waits for followers, and not its successor', async () => {
    const now = Date.now();
    const waiting = { ...anEnvelope(), notBefore: now + 5000 };
    const behind = anEnvelope();
    await bus.publish(waiting);
    await bus.publish(behind);
    bus.woken.length = 0;
    expect(await bus.publish(command('/stop'), 'command')).toBe('stopped');
    expect(bus.woken).toEqual([{ id: waiting.conversation.id, delayMs: 0 }]);
    const head = await bus.claim(waiting, 'w', () => now);
    expect(head.record).toMatchObject({ stop: 'command', attempts: '1' });
    const next = await bus.turns().complete(head, 'w', nothingToKeep);
    if (next.status !== 'head') throw new Error('expected the one behind');
    expect(next.head.record.stop).toBeUndefined();
  });

  test('a complete answer is not stopped any more', async () => {
    const asked = anEnvelope();
    await bus.publish(asked);
    await bus.claim(asked, 'w1');
    await bus.turns().save(asked.conversation, 'w1', { state: 'answered', answer: '{}' });
    expect(await bus.publish(command('/stop'), 'command')).toBe('stopped_late');
    expect(await bus.publish(question(), 'newer')).toBe('accepted');
    expect((await bus.turns().renew(asked.conversation, 'w1')).stop).toBeUndefined();
  });

  test('a newer message interrupts; an older one that comes late, or one before the turn begins, does not', async () => {
    const { heard, close } = await listen();
    const asked = question({ sentAt: 50 });
    await bus.publish(question({ sentAt: 40, chat: { id: 'elsewhere', kind: 'direct' } }), 'newer');
    await bus.publish(asked, 'newer');
    await bus.claim(asked);
    await bus.publish(question({ sentAt: 45 }), 'newer');
    expect((await bus.turns().renew(asked.conversation, 'w')).stop).toBeUndefined();
    await bus.publish(question({ sentAt: 60 }), 'newer');
    await bus.publish(question({ sentAt: 70 }), 'newer');
    await until('the notice', () => heard.length > 0);
    expect((await bus.turns().renew(asked.conversation, 'w')).stop).toBe('newer');
    expect(heard).toEqual([{ conversation: asked.conversation.id, turn: asked.turn, reason: 'newer' }]);
    await close();
  });
});

describe('a newer version of the envelope', () => {
  test('is left untouched by a worker that does not know it', async () => {
    const newer = { ...anEnvelope(), v: 99 };
    await bus.publish(newer);
    const before = await bus.redis().lrange((await bus.redis().keys('*mailbox*'))[0] ?? '', 0, -1);
    const claimed = await bus.turns().claim(newer.conversation, 'old');
    expect(claimed).toMatchObject({ status: 'empty' });
    expect(claimed).toHaveProperty('waitMs');
    expect(await bus.redis().keys('*:turn:*')).toEqual([]);
    expect(await bus.redis().keys('*:lock:*')).toEqual([]);
    expect(await bus.redis().lrange((await bus.redis().keys('*mailbox*'))[0] ?? '', 0, -1)).toEqual(before);
    expect(await bus.depth()).toBe(1);
  });

  test('is never merged into a turn that an older worker begins; fields it does not know are kept', async () => {
    const known = { ...question(), colour: 'blue' };
    await bus.publish(known);
    await bus.publish({ ...question(), v: 99 });
    const head = await bus.claim(known);
    expect(head.also).toEqual([]);
    expect(head.envelope).toMatchObject({ v: 1, colour: 'blue' });
  });
});
