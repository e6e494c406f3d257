import {
  createHandOff,
  createPublisher,
  createSweeper,
  createTurnStore,
  createWakeQueue,
  type Envelope,
  type Head,
  type StopReason,
} from '@parley/core/bus';
import { createLogger, createMetrics } from '@parley/core/telemetry';
import { createConsumer, type TurnRunner } from '@parley/workers';
import { expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { until } from '../support/until.ts';
import { useRedis } from '../support/use-redis.ts';
import { nothingToKeep } from './helpers/bus.ts';

/** Consumers over a real queue, with turns that only note what they get and end when they are told to. */
const logger = createLogger('silent');
const { connect, atEnd } = useRedis();

function gateway() {
  const redis = connect();
  const queue = createWakeQueue(redis);
  atEnd(() => queue.close());
  const publisher = createPublisher({ redis, queue, maxMailbox: 100 });
  return (envelope: Envelope, stops?: StopReason) => publisher.publish(envelope, [envelope.message.id], stops);
}

interface Begun {
  worker: string;
  head: Head;
  atMs: number;
  stop: AbortSignal;
}

/** A worker whose turns last until they are stopped, or end at once when their text says so. */
function worker(name: string, begun: Begun[], concurrency = 8) {
  const redis = connect();
  const queue = createWakeQueue(redis);
  atEnd(() => queue.close());
  const turns = createTurnStore(redis);
  const runner: TurnRunner = {
    async run(head, owner, signal, stop = signal) {
      begun.push({ worker: name, head, atMs: Date.now(), stop });
      if (head.envelope.message.text === 'long') await aborted(AbortSignal.any([signal, stop]));
      if (signal.aborted) return { status: 'handed_back' };
      return turns.complete(head, owner, nothingToKeep);
    },
  };
  const consumer = createConsumer({
    redis: connect(),
    subscriber: connect(),
    turns,
    queue,
    runner,
    concurrency,
    metrics: createMetrics(),
    logger,
  });
  let drained: Promise<void> | undefined;
  const drain = () => {
    drained ??= consumer.drain(0);
    return drained;
  };
  atEnd(drain);
  return { drain, take: consumer.take };
}

/** A gateway in the process of a worker. */
function gatewayOf({ take }: Pick<ReturnType<typeof worker>, 'take'>) {
  const redis = connect();
  const queue = createWakeQueue(redis);
  atEnd(() => queue.close());
  const woken: string[] = [];
  const handOff = createHandOff({
    async wake(conversation, delayMs) {
      woken.push(conversation.id);
      await queue.wake(conversation, delayMs);
    },
  });
  const leave = handOff.serve(take);
  const publisher = createPublisher({ redis, queue: handOff, maxMailbox: 100 });
  return { woken, leave, publish: (envelope: Envelope) => publisher.publish(envelope, [envelope.message.id]) };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const stopMessage = () => anEnvelope({ command: { name: '/stop', args: '' }, text: '' });
const texts = (begun: Begun[]) => begun.map(({ head }) => head.envelope.message.text);

test('/stop reaches the turn wherever it runs, and only that one', async () => {
  const begun: Begun[] = [];
  worker('a', begun);
  worker('b', begun);
  const publish = gateway();
  const chats = ['one', 'two'].map((id) => ({ id, kind: 'direct' }) as const);
  for (const chat of chats) await publish(anEnvelope({ chat, text: 'long' }));
  await until('both turns', () => begun.length === 2);
  const { outcome } = await publish({ ...anEnvelope({ chat: { id: 'one', kind: 'direct' } }) }, 'command');
  expect(outcome).toBe('stopped');
  const first = begun.find(({ head }) => head.envelope.message.chat.id === 'one');
  const second = begun.find(({ head }) => head.envelope.message.chat.id === 'two');
  await until('the stop', () => first?.stop.aborted);
  expect(first?.stop.reason).toBe('command');
  expect(second?.stop.aborted).toBe(false);
});

test('a turn that was stopped while nobody worked on it is stopped for whoever takes it over', async () => {
  const begun: Begun[] = [];
  const publish = gateway();
  const asked = anEnvelope({ text: 'long' });
  await publish(asked);
  await publish(stopMessage(), 'command');
  worker('a', begun);
  await until('the turn', () => begun.length === 1);
  expect(begun[0]?.stop.aborted).toBe(true);
  expect(begun[0]?.head.record.stop).toBe('command');
});

test('a newer question interrupts, and those that came meanwhile are answered together', async () => {
  const begun: Begun[] = [];
  const publish = gateway();
  worker('a', begun);
  await publish({ ...anEnvelope({ text: 'long' }), merge: 4 }, 'newer');
  await until('the first turn', () => begun.length === 1);
  await publish({ ...anEnvelope({ text: 'second' }), merge: 6 }, 'newer');
  await until('the second turn', () => begun.length === 2);
  expect(texts(begun)).toEqual(['long', 'second']);
  expect(begun[0]?.stop.reason).toBe('newer');
  expect(begun[1]?.stop.aborted).toBe(false);
});

test('debounced questions wait for followers, also behind a turn that runs, and across a restart of the workers', async () => {
  const begun: Begun[] = [];
  const publish = gateway();
  const first = worker('a', begun);
  const debounced = (text: string, ms: number) => {
    const envelope = anEnvelope({ text });
    return { ...envelope, merge: text.length, notBefore: envelope.receivedAt + ms };
  };
  const one = debounced('one', 1_000);
  await publish(one);
  await publish(debounced('two', 1_000));
  await until('the turn', () => begun.length === 1);
  expect(begun[0]?.head.also.map(({ message }) => message.text)).toEqual(['two']);
  expect(begun[0]?.atMs).toBeGreaterThanOrEqual(one.notBefore);

  await publish(anEnvelope({ text: 'long' }));
  await until('the long turn', () => begun.length === 2);
  const three = debounced('three', 600);
  await publish(three);
  await publish(stopMessage(), 'command');
  await until('the end of the long turn', () => begun[1]?.stop.aborted);
  await first.drain();
  worker('b', begun);
  await until('the next turn', () => begun.length === 3);
  expect(texts(begun)).toEqual(['one', 'long', 'three']);
  expect(begun[2]?.atMs).toBeGreaterThanOrEqual(three.notBefore);
});

test('what waits for followers is stopped at once', async () => {
  const begun: Begun[] = [];
  const publish = gateway();
  worker('a', begun);
  const asked = anEnvelope({ text: 'long' });
  const notBefore = asked.receivedAt + 9_000;
  await publish({ ...asked, notBefore });
  const redis = connect();
  await until('a wake for later', async () => (await redis.zcard('{parley}:turns:delayed')) === 1);
  await publish(stopMessage(), 'command');
  await until('the turn', () => begun.length === 1);
  expect(begun[0]?.stop.aborted).toBe(true);
  expect(begun[0]?.atMs).toBeLessThan(notBefore);
});

test('a message of a newer version waits for a worker that knows it, and the old one goes on with others', async () => {
  const begun: Begun[] = [];
  const publish = gateway();
  worker('old', begun);
  const newer = { ...anEnvelope({ chat: { id: 'newer', kind: 'direct' } }), v: 99 };
  await publish(newer);
  await publish(anEnvelope({ text: 'known' }));
  await until('the known one', () => begun.length === 1);
  expect(texts(begun)).toEqual(['known']);
  const redis = connect();
  expect(await redis.keys('*:turn:*newer*')).toEqual([]);
  await until('a wake for later', async () => (await redis.zcard('{parley}:turns:delayed')) === 1);
});

test('a worker of the same process needs no wake job, in order and after all that waits', async () => {
  const begun: Begun[] = [];
  const own = worker('own', begun);
  const { publish, woken, leave } = gatewayOf(own);
  for (const text of ['one', 'two', 'three']) await publish(anEnvelope({ text }));
  await until('all three', () => begun.length === 3);
  expect(texts(begun)).toEqual(['one', 'two', 'three']);
  expect(woken).toEqual([]);
  leave();
  await publish(anEnvelope({ text: 'four' }));
  await until('the fourth, by the queue', () => begun.length === 4);
  expect(woken).toHaveLength(1);
});

test('what finds no place in its own process soon goes to any worker', async () => {
  const begun: Begun[] = [];
  const own = worker('own', begun, 1);
  const { publish } = gatewayOf(own);
  const inChat = (id: string, text: string) => anEnvelope({ chat: { id, kind: 'direct' }, text });
  await publish(inChat('busy', 'long'));
  await until('the long turn', () => begun.length === 1);
  worker('other', begun);
  await publish(inChat('waits', 'short'));
  await publish(inChat('no room', 'short'));
  await until('both of the others', () => begun.length === 3);
  expect(begun.slice(1).map(({ worker }) => worker)).toEqual(['other', 'other']);
});

test('a worker that ends hands back what it was given without a wake job', async () => {
  const begun: Begun[] = [];
  const own = worker('own', begun, 1);
  const { publish } = gatewayOf(own);
  const inChat = (id: string) => anEnvelope({ chat: { id, kind: 'direct' }, text: 'long' });
  await publish(inChat('runs'));
  await until('the first turn', () => begun.length === 1);
  await publish(inChat('waits'));
  await own.drain();
  worker('next', begun);
  await until('both', () => begun.length >= 3);
  expect(new Set(begun.slice(1).map(({ head }) => head.envelope.message.chat.id))).toEqual(new Set(['runs', 'waits']));
});

test('a message whose process died before it began is found by the sweep', async () => {
  const begun: Begun[] = [];
  const { publish, woken } = gatewayOf({ take: () => true });
  const asked = anEnvelope({ text: 'short' });
  await publish(asked);
  worker('other', begun);
  const redis = connect();
  const queue = createWakeQueue(redis);
  atEnd(() => queue.close());
  const sweep = createSweeper(redis, queue, () => asked.receivedAt + 60_000);
  expect(await sweep()).toBe(1);
  await until('the turn', () => begun.length === 1);
  expect(woken).toEqual([]);
});
