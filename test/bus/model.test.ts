import type { Envelope, Head, StopReason } from '@parley/core/bus';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aMessage, anEnvelope } from '../support/messages.ts';
import { keyOf, nothingToKeep, useBus } from './helpers/bus.ts';
import { attempt, begin, emptyModel, finish, insert, type Model, stopTurn, type Waiting } from './helpers/model.ts';

/**
 * Whatever happens to a conversation, in whatever order: nothing lost, nothing twice, people's order, one owner, the
 * right depth. Random histories run against the scripts in a real Redis and against a model of them side by side.
 */
const bus = useBus();

/** The conversation all of it is about: address, and the heads that workers hold, also those who lost it since. */
interface Real {
  address: Envelope['conversation'];
  heads: Map<string, Head>;
}
type Command = fc.AsyncCommand<Model, Real>;

function command(
  name: string,
  check: (model: Model) => boolean,
  act: (model: Model, real: Real) => Promise<void>,
): Command {
  return {
    check,
    toString: () => name,
    async run(model, real) {
      await act(model, real);
      await expectAgreement(model, real);
    },
  };
}

async function expectAgreement(model: Model, { address }: Real): Promise<void> {
  const redis = bus.redis();
  const [waiting, lock, pending, record] = await Promise.all([
    redis.lrange(keyOf('mailbox', address), 0, -1),
    redis.get(keyOf('lock', address)),
    redis.zscore(keyOf('pending', address), address.id),
    redis.hgetall(keyOf('turn', address)),
  ]);
  expect(waiting.map((entry) => JSON.parse(entry.slice(18)).turn)).toEqual(model.mailbox.map(({ turn }) => turn));
  expect(await bus.depth()).toBe(model.mailbox.length);
  expect(lock ?? undefined).toBe(model.owner);
  expect(record.stop).toBe(model.stop);
  expect(Number(record.attempts ?? 0)).toBe(model.attempts);
  expect(Object.keys(record).length > 0).toBe(model.taken > 0);
  // Whoever has messages is found by the sweeper; whoever was seen to have none is not looked at for ever.
  if (model.mailbox.length > 0) expect(pending).not.toBeNull();
}

const envelopeOf = ({ turn, key, sentAt, text, mergeable, thread }: Waiting): Envelope => ({
  ...anEnvelope({ id: key, sentAt, text, thread }),
  turn,
  ...(mergeable && { merge: text.length }),
});
const whereOf = ({ tenant, channel, message }: Envelope) => ({ tenant, channel, chat: message.chat.id });

function expectHead(head: Head, expected: Waiting[] | undefined, model: Model): void {
  const messages = [head.envelope, ...head.also];
  expect(messages.map(({ turn, message }) => [turn, message.text])).toEqual(
    expected?.map(({ turn, text }) => [turn, text]),
  );
  expect(head.record.stop).toBe(model.stop);
}

let counter = 0;
const publish = (sentAt: number, mergeable: boolean, thread: string | undefined, stops: StopReason | undefined) =>
  command(
    `publish(${sentAt}${mergeable ? ', mergeable' : ''}${thread ? `, ${thread}` : ''}${stops ? `, ${stops}` : ''})`,
    () => true,
    async (model) => {
      const id = `n${++counter}`;
      const message: Waiting = { turn: `turn-${id}`, key: id, sentAt, text: `said ${id}`, mergeable, thread };
      expect(await bus.publish(envelopeOf(message), stops)).toBe('accepted');
      insert(model, message);
      const head = model.mailbox[0] as Waiting;
      if (stops === 'newer' && model.taken > 0 && head.sentAt <= sentAt) stopTurn(model, 'newer');
    },
  );

const duplicate = (which: number) =>
  command(
    `duplicate(${which})`,
    ({ accepted }) => accepted.length > 0,
    async ({ accepted }) => {
      const again = pick(accepted, which);
      expect(await bus.publish({ ...envelopeOf(again), turn: 'another' }, 'newer')).toBe('duplicate');
    },
  );

const claim = (owner: string) =>
  command(
    `claim(${owner})`,
    () => true,
    async (model, real) => {
      const claimed = await bus.turns().claim(real.address, owner);
      if (model.owner !== undefined && model.owner !== owner) {
        expect(claimed.status).toBe('busy');
        return;
      }
      const expected = attempt(model, owner);
      expect(claimed.status).toBe(expected ? 'head' : 'empty');
      if (claimed.status !== 'head') return;
      expectHead(claimed.head, expected, model);
      real.heads.set(owner, claimed.head);
    },
  );

/** A worker that dies or hangs: its lock runs out, and it may still believe that it holds the conversation. */
const crash = () =>
  command(
    'crash',
    ({ owner }) => owner !== undefined,
    async (model, { address }) => {
      await bus.redis().del(keyOf('lock', address));
      model.owner = undefined;
    },
  );

const save = (owner: string) =>
  command(
    `save(${owner})`,
    () => true,
    async (model, { address }) => {
      const saved = await bus.turns().save(address, owner, { state: 'answered', answer: '{}' });
      expect(saved).toBe(model.owner === owner);
      if (saved) model.answered = true;
    },
  );

const complete = (owner: string) =>
  command(
    `complete(${owner})`,
    () => true,
    async (model, real) => {
      const head = real.heads.get(owner);
      if (!head) return;
      const result = await bus.turns().complete(head, owner, nothingToKeep);
      if (model.owner !== owner) {
        expect(result.status).toBe('lost');
        real.heads.delete(owner);
        return;
      }
      finish(model);
      const expected = attempt(model, owner);
      expect(result.status).toBe(expected ? 'head' : 'empty');
      real.heads.delete(owner);
      if (result.status !== 'head') return;
      expectHead(result.head, expected, model);
      real.heads.set(owner, result.head);
    },
  );

const stop = () =>
  command(
    'stop',
    ({ mailbox }) => mailbox.length > 0,
    async (model) => {
      begin(model);
      const outcome = await bus.publish(
        envelopeOf({ ...(model.mailbox[0] as Waiting), key: `stop${++counter}` }),
        'command',
      );
      expect(outcome).toBe(stopTurn(model, 'command') ? 'stopped' : 'stopped_late');
    },
  );

const edit = (which: number) =>
  command(
    `edit(${which})`,
    ({ accepted }) => accepted.length > 0,
    async (model) => {
      const target = pick(model.accepted, which);
      const text = `edited ${++counter}`;
      const planOf = () => ({ merge: target.mergeable ? text.length : undefined });
      const where = whereOf(envelopeOf(target));
      const outcome = await bus.amender().edit(where, target.key, aMessage({ text, sentAt: 0 }), planOf);
      expect(outcome).toBe(isFree(model, target) ? 'applied' : 'late');
      if (outcome === 'applied') target.text = text;
    },
  );

const remove = (which: number) =>
  command(
    `remove(${which})`,
    ({ accepted }) => accepted.length > 0,
    async (model) => {
      const target = pick(model.accepted, which);
      const expected = isFree(model, target) ? 'applied' : 'late';
      expect(await bus.amender().remove(whereOf(envelopeOf(target)), target.key)).toBe(expected);
      if (expected === 'late') return;
      model.mailbox = model.mailbox.filter((message) => message !== target);
      model.deleted.add(target.turn);
    },
  );

const pick = <T>(list: T[], which: number): T => list[which % list.length] as T;
const isFree = ({ mailbox, taken }: Model, target: Waiting) => mailbox.indexOf(target) >= taken;

const workers = fc.constantFrom('w1', 'w2', 'w3');
const index = fc.nat(30);
const histories = fc.commands(
  [
    fc
      .tuple(
        fc.nat(20),
        fc.boolean(),
        fc.constantFrom(undefined, undefined, 't'),
        fc.constantFrom<StopReason | undefined>(undefined, undefined, 'newer'),
      )
      .map((args) => publish(...args)),
    index.map(duplicate),
    workers.map(claim),
    fc.constant(crash()),
    workers.map(save),
    workers.map(complete),
    fc.constant(stop()),
    index.map(edit),
    index.map(remove),
  ],
  { maxCommands: 60, size: 'max' },
);

test('every history keeps the promises', async () => {
  const address = anEnvelope().conversation;
  await fc.assert(
    fc.asyncProperty(histories, async (commands) => {
      await bus.redis().flushall();
      const model = emptyModel();
      const real: Real = { address, heads: new Map() };
      await fc.asyncModelRun(() => ({ model, real }), commands);

      // In the end somebody lives long enough to answer all that is left.
      await bus.redis().del(keyOf('lock', address));
      model.owner = undefined;
      await claim('last').run(model, real);
      while (model.mailbox.length > 0) await complete('last').run(model, real);
      const expected = model.accepted.flatMap(({ turn }) => (model.deleted.has(turn) ? [] : [turn]));
      expect(model.done.toSorted()).toEqual(expected.toSorted());
      expect(await bus.redis().zscore(keyOf('pending', address), address.id)).toBeNull();
    }),
    { numRuns: 150 },
  );
});
