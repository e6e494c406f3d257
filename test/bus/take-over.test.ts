import { createQueueView, createTakeOvers, type Envelope, keys } from '@parley/core/bus';
import { expect, test } from 'vitest';
import { anEnvelope } from '../support/messages.ts';
import { nothingToKeep, useBus } from './helpers/bus.ts';

const bus = useBus();
const OLGA = { id: 'u1', by: 'Olga', since: 1_000 };
const PETER = { id: 'u2', by: 'Peter', since: 2_000 };

const inChat = (id: string, tenant = 'acme') => anEnvelope({ chat: { id, kind: 'direct' } }, tenant);
const takeOvers = () => createTakeOvers(bus.redis());

/** Plays one turn to its end. */
async function turnOf(envelope: Envelope, over: object = {}) {
  await bus.publish(envelope);
  const head = await bus.claim(envelope);
  await bus.turns().complete(head, 'w', { ...nothingToKeep, historyTtlMs: 50_000, ...over });
  return head;
}

test('a worker sees who took a conversation over as it claims it, until it is given back', async () => {
  const { conversation } = inChat('a');
  expect((await turnOf(inChat('a'))).takenOver).toBeUndefined();
  expect(await takeOvers().take('acme', conversation, OLGA)).toEqual({ status: 'taken', takenOver: OLGA });
  expect((await turnOf(inChat('a'))).takenOver).toEqual(OLGA);
  expect(await takeOvers().of(conversation)).toEqual(OLGA);
  expect((await turnOf(inChat('b'))).takenOver).toBeUndefined();
  expect(await takeOvers().giveBack(conversation)).toBe(true);
  expect(await takeOvers().giveBack(conversation)).toBe(false);
  expect((await turnOf(inChat('a'))).takenOver).toBeUndefined();
  expect(await takeOvers().list()).toEqual(new Map());
});

test('whoever was first has it; taking it again changes nothing', async () => {
  const { conversation } = inChat('a');
  const answers = await Promise.all([
    takeOvers().take('acme', conversation, OLGA),
    takeOvers().take('acme', conversation, PETER),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['taken', 'held']);
  expect(await takeOvers().take('acme', conversation, { ...OLGA, since: 9_000 })).toEqual({
    status: 'taken',
    takenOver: OLGA,
  });
  expect([...(await takeOvers().list()).values()]).toEqual([
    { ...OLGA, tenant: 'acme', conversation: conversation.id, shard: conversation.shard },
  ]);
});

test('it does not end because nobody wrote for a while, and the settings expire again after it', async () => {
  const { conversation } = inChat('a');
  const settings = keys.settings(conversation);
  await turnOf(inChat('a'));
  expect(await bus.redis().pttl(settings)).toBeGreaterThan(0);
  await takeOvers().take('acme', conversation, OLGA);
  expect(await bus.redis().pttl(settings)).toBe(-1);
  await turnOf(inChat('a'));
  expect(await bus.redis().pttl(settings)).toBe(-1);
  await takeOvers().giveBack(conversation);
  expect(await bus.redis().pttl(settings)).toBeGreaterThan(0);
  await turnOf(inChat('a'));
  expect(await bus.redis().pttl(settings)).toBeLessThanOrEqual(50_000);
});

test('one that cannot be read keeps no worker away', async () => {
  const envelope = inChat('a');
  await bus.redis().hset(keys.settings(envelope.conversation), 'human', 'nonsense');
  expect((await turnOf(envelope)).takenOver).toBeUndefined();
});

test('what an operator says is left alone by workers that do not know it, and never joined to a question', async () => {
  const question = { ...inChat('a'), merge: 5 };
  const said = { ...inChat('a'), v: 2, operator: { by: 'Olga', text: 'hello' } };
  await bus.publish(question);
  await bus.publish(said);
  const [, second] = await bus.redis().lrange(keys.mailbox(question.conversation), 0, -1);
  expect(second).toContain('{"v":2,');
  const head = await bus.claim(question);
  expect(head.also).toEqual([]);
  const next = await bus.turns().complete(head, 'w', nothingToKeep);
  expect(next).toMatchObject({ status: 'head', head: { envelope: { operator: { by: 'Olga', text: 'hello' } } } });
});

test('what waits is told by tenant, with its age', async () => {
  const first = { ...inChat('a'), receivedAt: 5_000 };
  await bus.publish(first);
  await bus.publish({ ...inChat('a'), receivedAt: 6_000 });
  await bus.publish({ ...inChat('b', 'other'), receivedAt: 7_000 });
  await bus.redis().hset(keys.settings(first.conversation), 'model', 'gpt');
  const view = createQueueView(bus.redis());
  expect(await view.depth()).toBe(3);
  expect(await view.byTenant()).toEqual(
    new Map([
      ['acme', { waiting: 2, oldestAt: 5_000 }],
      ['other', { waiting: 1, oldestAt: 7_000 }],
    ]),
  );
  expect(await view.stateOf(first.conversation.id)).toEqual({ waiting: 2, model: 'gpt' });
  expect(await view.stateOf('acme.none')).toEqual({ waiting: 0, model: undefined });
});

test('live views hear of a finished turn', async () => {
  const heard: string[] = [];
  const subscriber = bus.connect();
  await subscriber.subscribe('parley:turns');
  subscriber.on('message', (_channel, text) => heard.push(text));
  await turnOf(inChat('a'), { notice: '{"turn":"t"}' });
  await turnOf(inChat('a'));
  await expect.poll(() => heard).toEqual(['{"turn":"t"}']);
  subscriber.disconnect();
});
