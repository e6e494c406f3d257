import { connectRedis, createPublisher, createTurnStore, type Envelope, type Head } from '@parley/core/bus';
import { createLogger } from '@parley/core/telemetry';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let redis: ReturnType<typeof connectRedis>;
let woken: string[];

beforeAll(async () => {
  server = await startRedis({ cluster: true });
  redis = connectRedis(server.url, 'work', createLogger('silent'));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await server.flush();
  woken = [];
});

const queue = {
  wake: async ({ id }: { id: string }) => {
    woken.push(id);
  },
  close: async () => {},
};
const publisher = (maxMailbox = 100) => createPublisher({ redis, queue, maxMailbox });
const publish = async (envelope: Envelope, keys = [`event-${envelope.message.id}`], maxMailbox = 100) =>
  (await publisher(maxMailbox).publish(envelope, keys)).outcome;

const nothingToKeep = {
  archiveRow: '{}',
  remember: [],
  historyKeep: 10,
  historyTtlMs: 60_000,
  resetHistory: false,
  ownRefs: [],
};

async function claimHead(envelope: Envelope, owner: string): Promise<Head> {
  const claimed = await createTurnStore(redis).claim(envelope.conversation, owner);
  if (claimed.status !== 'head') throw new Error(`expected a head, got ${claimed.status}`);
  return claimed.head;
}

describe('publish', () => {
  test('accepts a message once, whatever name it is delivered under again', async () => {
    const envelope = anEnvelope();
    expect(await publish(envelope, ['event:1', 'post:1'])).toBe('accepted');
    expect(await publish(envelope, ['event:2', 'post:1'])).toBe('duplicate');
    expect(await publish(envelope, ['event:2'])).toBe('duplicate');
    expect(await publish(anEnvelope(), ['event:3'])).toBe('accepted');
  });

  test('accepts one of many simultaneous deliveries', async () => {
    const envelope = anEnvelope();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => publish(envelope, ['same'])));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
  });

  test('wakes for a new message, and for a duplicate whose first wake may have been lost', async () => {
    const envelope = anEnvelope();
    await publish(envelope);
    await publish(envelope);
    expect(woken).toEqual([envelope.conversation.id, envelope.conversation.id]);
  });

  test('does not wake a conversation that has an owner, nor a duplicate of an answered message', async () => {
    const envelope = anEnvelope();
    await publish(envelope);
    const head = await claimHead(envelope, 'w1');
    woken = [];
    await publish(anEnvelope());
    expect(woken).toEqual([]);
    const turns = createTurnStore(redis);
    const next = await turns.complete(head, 'w1', nothingToKeep);
    if (next.status !== 'head') throw new Error('expected the second message');
    await turns.complete(next.head, 'w1', nothingToKeep);
    await publish(envelope);
    expect(woken).toEqual([]);
  });

  test('bounds a mailbox and says so once', async () => {
    const outcomes = [];
    for (let i = 0; i < 5; i++) outcomes.push(await publish(anEnvelope(), undefined, 3));
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'flooded', 'flooded_quietly']);
    expect(await publish(anEnvelope({ chat: { id: 'another', kind: 'direct' } }), undefined, 3)).toBe('accepted');
  });

  test('a message that was refused because the mailbox was full may come again', async () => {
    const first = anEnvelope();
    await publish(first, undefined, 1);
    const second = anEnvelope();
    expect(await publish(second, ['again'], 1)).toBe('flooded');
    await createTurnStore(redis).complete(await claimHead(first, 'w'), 'w', nothingToKeep);
    expect(await publish(second, ['again'], 1)).toBe('accepted');
  });

  test('announces a message without its text', async () => {
    const subscriber = connectRedis(server.url, 'work', createLogger('silent'));
    const heard = new Promise<string>((resolve) => subscriber.on('message', (_channel, text) => resolve(text)));
    await subscriber.subscribe('parley:events');
    const envelope = anEnvelope({ text: 'top secret' });
    await publish(envelope);
    const notice = await heard;
    expect(JSON.parse(notice)).toEqual({
      platform: 'slack',
      channel: 'acme-slack',
      conversation: envelope.conversation.id,
      kind: 'message',
      timestamp: envelope.receivedAt,
    });
    subscriber.disconnect();
  });
});

describe('a conversation', () => {
  test('belongs to one owner at a time and is answered in order', async () => {
    const envelopes = [anEnvelope(), anEnvelope(), anEnvelope()];
    for (const envelope of envelopes) await publish(envelope);
    const turns = createTurnStore(redis);
    let head: Head | undefined = await claimHead(envelopes[0] as Envelope, 'w1');
    expect((await turns.claim(head.envelope.conversation, 'w2')).status).toBe('busy');
    const seen: string[] = [];
    while (head) {
      seen.push(head.envelope.turn);
      const result = await turns.complete(head, 'w1', nothingToKeep);
      head = result.status === 'head' ? result.head : undefined;
    }
    expect(seen).toEqual(envelopes.map((envelope) => envelope.turn));
    expect((await turns.claim((envelopes[0] as Envelope).conversation, 'w2')).status).toBe('empty');
  });

  test('stays unknown until somebody has said what was said before', async () => {
    const envelopes = [anEnvelope(), anEnvelope(), anEnvelope()];
    for (const envelope of envelopes) await publish(envelope);
    const turns = createTurnStore(redis);
    const first = await claimHead(envelopes[0] as Envelope, 'w');
    expect(first.known).toBe(false);
    const second = await turns.complete(first, 'w', { ...nothingToKeep, known: false });
    if (second.status !== 'head') throw new Error('expected the second message');
    expect(second.head.known).toBe(false);
    const third = await turns.complete(second.head, 'w', { ...nothingToKeep, known: true });
    expect(third).toMatchObject({ status: 'head', head: { known: true } });
  });

  test('is answered in the order people wrote, whatever order it was delivered in; a begun turn is not overtaken', async () => {
    const at = (sentAt: number) => anEnvelope({ sentAt });
    const turns = createTurnStore(redis);
    const begun = at(50);
    await publish(begun);
    let head: Head | undefined = await claimHead(begun, 'w');
    for (const sentAt of [30.002, 40, 30.001, 20, 40]) await publish(at(sentAt));
    const order: number[] = [];
    while (head) {
      order.push(head.envelope.message.sentAt);
      const result = await turns.complete(head, 'w', nothingToKeep);
      head = result.status === 'head' ? result.head : undefined;
    }
    expect(order).toEqual([50, 20, 30.001, 30.002, 40, 40]);
  });

  test('gives its record to the next owner, and refuses the earlier one', async () => {
    const envelope = anEnvelope();
    await publish(envelope);
    const turns = createTurnStore(redis);
    const head = await claimHead(envelope, 'w1');
    expect(await turns.save(envelope.conversation, 'w1', { state: 'answered', answer: '{"text":"42"}' })).toBe(true);
    await turns.release(envelope.conversation, 'w1');
    const taken = await claimHead(envelope, 'w2');
    expect(taken.record).toEqual({ state: 'answered', answer: '{"text":"42"}', attempts: '2' });
    expect(await turns.save(envelope.conversation, 'w1', { answer: 'late' })).toBe(false);
    expect(await turns.renew(envelope.conversation, 'w1')).toMatchObject({ owned: false });
    expect((await turns.complete(head, 'w1', nothingToKeep)).status).toBe('lost');
    expect((await turns.complete(taken, 'w2', nothingToKeep)).status).toBe('empty');
  });

  test('remembers the last turns, forgets on reset, and keeps the picked model', async () => {
    const turns = createTurnStore(redis);
    const say = (n: number) => [
      { role: 'user' as const, content: `q${n}` },
      { role: 'assistant' as const, content: `a${n}` },
    ];
    const turnWith = async (completion: object) => {
      const envelope = anEnvelope();
      await publish(envelope);
      const head = await claimHead(envelope, 'w');
      await turns.complete(head, 'w', { ...nothingToKeep, historyKeep: 4, ...completion });
      return head;
    };
    for (const n of [1, 2, 3]) await turnWith({ remember: say(n) });
    const fourth = await turnWith({ pickModel: 'claude' });
    expect(fourth.history(4)).toEqual([...say(2), ...say(3)]);
    expect(fourth.history(2)).toEqual(say(3));
    expect(fourth.history(0)).toEqual([]);
    const fifth = await turnWith({ resetHistory: true });
    expect(fifth.pickedModel).toBe('claude');
    const sixth = await turnWith({ pickModel: null });
    expect(sixth.history(4)).toEqual([]);
    expect((await turnWith({})).pickedModel).toBeUndefined();
  });

  test('leaves nothing behind but its history, its archive row and what the platform may deliver again', async () => {
    const envelope = anEnvelope();
    await publish(envelope);
    await createTurnStore(redis).complete(await claimHead(envelope, 'w'), 'w', {
      ...nothingToKeep,
      remember: [{ role: 'user', content: 'q' }],
    });
    const kinds = (await redis.keys('*')).map((key) => key.split(':')[2]).sort();
    expect(kinds).toEqual(['archive', 'depth', 'history', 'seen', 'settings']);
    expect(await redis.get((await redis.keys('*depth'))[0] ?? '')).toBe('0');
  });
});
