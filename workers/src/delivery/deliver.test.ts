import type { Adapter, AnswerStream, OutgoingPart, Receipt, StreamState } from '@parley/core/adapter';
import type { Governor, TurnRecordFields } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { DeliveryContext } from './context.ts';
import { deliver } from './deliver.ts';
import { reserveAhead } from './send-part.ts';

const limits = { perSecond: 1000, burst: 1000 };
const parts = (...texts: string[]): OutgoingPart[] => texts.map((plain) => ({ payload: { plain }, plain }));
const unknown = () => new ParleyError('platform_unavailable', 'cut', { outcomeUnknown: true });
const away = () => new ParleyError('platform_unavailable', 'refused connection');

/** A platform that shows what it was sent, and can fail before or after it took a message. */
class FakePlatform {
  shown: string[] = [];
  keys = new Map<string, number>();
  faults: ('before' | 'after' | 'away' | 'rejected')[] = [];
  calls: string[] = [];

  /** Runs the operation with the next fault around it. */
  call<T>(name: string, work: () => T): T {
    this.calls.push(name);
    const fault = this.faults.shift();
    if (fault === 'rejected') throw new ParleyError('platform_rejected', 'no');
    if (fault === 'away') throw away();
    if (fault === 'before') throw unknown();
    const result = work();
    if (fault === 'after') throw unknown();
    return result;
  }

  show(text: string, key: string): Receipt {
    this.shown.push(text);
    this.keys.set(key, this.shown.length - 1);
    return this.receipt(this.shown.length - 1);
  }

  receipt(index: number): Receipt {
    return { messageId: `m${index}`, refs: [`m${index}`] };
  }
}

let platform: FakePlatform;
let record: TurnRecordFields;
let slept: number[];
beforeEach(() => {
  platform = new FakePlatform();
  record = { sending: '0' };
  slept = [];
});

function adapter(certainty: Adapter['certainty']): Adapter {
  return {
    platform: 'slack',
    certainty,
    limits: { bot: limits, direct: limits, group: limits },
    handleWebhook: () => Promise.reject(new Error('not used')),
    formatReply: (markdown) => parts(markdown),
    probe: () => Promise.reject(new Error('not used')),
    close: async () => {},
    async postMessage(_target, part, { idempotencyKey }) {
      return platform.call('post', () => {
        const known = certainty === 'idempotent' ? platform.keys.get(idempotencyKey) : undefined;
        return known === undefined ? platform.show(part.plain, idempotencyKey) : platform.receipt(known);
      });
    },
    ...(certainty === 'findable' && {
      async findSent(_target: unknown, key: string) {
        const known = platform.call('find', () => platform.keys.get(key));
        return known === undefined ? undefined : platform.receipt(known);
      },
    }),
    ...(certainty === 'placeholder' && { startStream }),
  };
}

/** Places `…`, remembers where, and edits it: as Telegram's adapter does. */
async function startStream(
  _target: unknown,
  options: { save(state: StreamState): Promise<void> },
  earlier?: StreamState,
): Promise<AnswerStream> {
  let at = earlier?.at as number | undefined;
  return {
    intervalMs: 1000,
    update: async () => {},
    abandon: () => {},
    async finish(part) {
      if (at === undefined) {
        const placed = platform.call('place', () => Number(platform.show('…', 'placeholder').messageId.slice(1)));
        at = placed;
        await options.save({ at });
      }
      const here = at;
      return platform.call('edit', () => {
        platform.shown[here] = part.plain;
        return platform.receipt(here);
      });
    },
  };
}

const governor: Governor = { reserve: async () => 0, tryPreview: async () => true, penalise: async () => {} };

function context(certainty: Adapter['certainty'], over: Partial<DeliveryContext> = {}): DeliveryContext {
  return {
    adapter: adapter(certainty),
    target: { chat: { id: 'c', kind: 'direct' }, messageId: 'q', senderId: 'alice' },
    place: { channel: 'bot', chat: 'c', kind: 'direct', limits: { bot: limits, direct: limits, group: limits } },
    turn: 'turn',
    record,
    resumed: false,
    receivedAt: 0,
    now: () => 1000,
    sleep: async (ms) => {
      over.signal?.throwIfAborted();
      slept.push(ms);
    },
    governor,
    signal: new AbortController().signal,
    save: async (fields) => void Object.assign(record, fields),
    own: async () => {},
    assertOwned: async () => {},
    onError: () => {},
    ...over,
  };
}

/** What a worker that takes the turn over finds: the record as it is, and nothing in memory. */
const resumed = (certainty: Adapter['certainty']) =>
  context(certainty, { resumed: true, record: structuredClone(record) });
/** Goes on, as workers do, for as long as the turn is put aside. */
async function untilDelivered(certainty: Adapter['certainty'], wanted: OutgoingPart[]): Promise<void> {
  let attempt = context(certainty);
  for (let i = 0; i < 10; i++) {
    try {
      expect(await deliver(attempt, wanted, undefined)).toMatchObject({ status: 'delivered' });
      return;
    } catch (error) {
      expect(error).toMatchObject({ name: 'Parked' });
      attempt = resumed(certainty);
    }
  }
  throw new Error('never delivered');
}

const answers = () => platform.shown.filter((text) => text !== '…');

test('a turn with the governor that was asked for ahead is used once', async () => {
  const asked: number[] = [];
  const counting: Governor = {
    ...governor,
    async reserve(_place, cost) {
      asked.push(cost);
      return asked.length === 1 ? 40 : 0;
    },
  };
  const ahead = context('idempotent', { governor: counting });
  reserveAhead(ahead);
  const result = await deliver(ahead, parts('one', 'two'), undefined);
  expect(result.status).toBe('delivered');
  expect(asked).toEqual([1, 1]);
  expect(slept).toEqual([40]);
});

describe.each(['idempotent', 'findable', 'placeholder'] as const)('a platform whose sends are %s', (certainty) => {
  test('gets every part once and in order', async () => {
    const result = await deliver(context(certainty), parts('one', 'two', 'three'), undefined);
    expect(result.status).toBe('delivered');
    expect(answers()).toEqual(['one', 'two', 'three']);
  });

  test.each(['before', 'after', 'away'] as const)('shows the answer once when the call is cut: %s', async (fault) => {
    platform.faults = [fault];
    const result = await deliver(context(certainty), parts('one', 'two'), undefined);
    expect(result.status).toBe('delivered');
    expect(answers()).toEqual(['one', 'two']);
  });

  test('shows it once when every call is cut in turn', async () => {
    platform.faults = ['after', 'before', 'after', 'after', 'away'];
    await untilDelivered(certainty, parts('one', 'two'));
    expect(answers()).toEqual(['one', 'two']);
  });

  test('shows it once when the worker dies after the platform took it', async () => {
    const died = new AbortController();
    platform.faults = certainty === 'placeholder' ? ['after'] : ['after'];
    const dying = context(certainty, { signal: died.signal, onError: () => died.abort() });
    await expect(deliver(dying, parts('one', 'two'), undefined)).rejects.toThrow();
    const result = await deliver(resumed(certainty), parts('one', 'two'), undefined);
    expect(result.status).toBe('delivered');
    expect(answers()).toEqual(['one', 'two']);
  });

  test('goes on at the part an earlier worker had reached', async () => {
    await deliver(context(certainty), parts('one'), undefined);
    record = { receipts: JSON.stringify([platform.receipt(0)]), sending: '1' };
    await deliver(resumed(certainty), parts('one', 'two'), undefined);
    expect(answers()).toEqual(['one', 'two']);
  });

  test('gives up what the platform refuses for good, and says which parts it has', async () => {
    platform.faults =
      certainty === 'placeholder'
        ? ([undefined, undefined, 'rejected', 'rejected'] as never)
        : ([undefined, 'rejected'] as never);
    const result = await deliver(context(certainty), parts('one', 'two'), undefined);
    expect(result).toMatchObject({ status: 'failed', error: { code: 'platform_rejected' } });
    expect(result.receipts).toHaveLength(1);
  });

  test('stops at once when the turn is lost', async () => {
    const lost = new AbortController();
    lost.abort();
    platform.faults = ['away'];
    await expect(deliver(context(certainty, { signal: lost.signal }), parts('one'), undefined)).rejects.toThrow();
  });
});

test('a doubt that cannot be settled any more is not settled by sending again', async () => {
  record = { sending: '0' };
  const late = { ...resumed('idempotent'), now: () => 2 * 3_600_000 };
  const result = await deliver(
    { ...late, adapter: { ...late.adapter, idempotencyMs: 3_600_000 } },
    parts('one'),
    undefined,
  );
  expect(result).toMatchObject({ status: 'failed', error: { code: 'platform_rejected' } });
  expect(platform.calls).toEqual([]);
});

test('a streamed message that can no longer be edited is replaced by one under a key of its own', async () => {
  const stream: AnswerStream = {
    intervalMs: 1,
    update: async () => {},
    abandon: vi.fn(),
    finish: async () => {
      throw new ParleyError('platform_rejected', 'deleted');
    },
  };
  const result = await deliver(context('findable'), parts('one'), stream);
  expect(result.status).toBe('delivered');
  expect(answers()).toEqual(['one']);
  expect([...platform.keys.keys()]).toEqual(['turn-0r']);
  expect(stream.abandon).toHaveBeenCalled();
});

test('waits as long as the governor says, and tells it what the platform asked for', async () => {
  const reserve = vi.fn(async () => 2000);
  const penalise = vi.fn(async () => {});
  platform.faults = [];
  const limited = { ...adapter('idempotent') };
  let first = true;
  const post = limited.postMessage;
  limited.postMessage = async (...call) => {
    if (!first) return post(...call);
    first = false;
    throw new ParleyError('platform_rate_limited', 'slow down', { retryAfterMs: 500 });
  };
  await deliver(
    context('idempotent', { adapter: limited, governor: { ...governor, reserve, penalise } }),
    parts('one'),
    undefined,
  );
  expect(slept).toEqual([2000, 500, 2000]);
  expect(penalise).toHaveBeenCalledWith(expect.objectContaining({ chat: 'c' }), 500, 'chat');
});

test('a long wait puts the turn aside instead of holding the worker; whoever goes on shows it once', async () => {
  const limited = adapter('findable');
  const post = limited.postMessage;
  limited.postMessage = async () => {
    throw new ParleyError('platform_rate_limited', 'slow down', { retryAfterMs: 30_000 });
  };
  const aside = deliver(context('findable', { adapter: limited }), parts('one'), undefined);
  await expect(aside).rejects.toMatchObject({ name: 'Parked', waitMs: 30_000 });
  expect(slept).toEqual([]);
  limited.postMessage = post;
  // Nothing is in doubt, so nobody looks for the part first.
  await deliver(resumed('findable'), parts('one'), undefined);
  expect(platform.calls).toEqual(['post']);
  expect(answers()).toEqual(['one']);
});

test('the waits grow from one taking up to the next', async () => {
  platform.faults = ['away'];
  record.attempts = '9';
  const attempt = deliver(context('findable'), parts('one'), undefined);
  expect(await attempt.catch(({ waitMs }) => waitMs)).toBeGreaterThan(20_000);
  expect(platform.calls).toEqual(['post']);
});

test('a doubt survives being put aside', async () => {
  const cut = adapter('findable');
  const post = cut.postMessage;
  cut.postMessage = async (...call) => {
    await post(...call);
    throw new ParleyError('platform_unavailable', 'cut', { outcomeUnknown: true, retryAfterMs: 30_000 });
  };
  await expect(deliver(context('findable', { adapter: cut }), parts('one'), undefined)).rejects.toMatchObject({
    name: 'Parked',
  });
  await deliver(resumed('findable'), parts('one'), undefined);
  expect(platform.calls).toEqual(['post', 'find']);
  expect(answers()).toEqual(['one']);
});

test('a queue at the governor that is too long is left, too', async () => {
  const full = { ...governor, reserve: async () => 60_000 };
  await expect(deliver(context('idempotent', { governor: full }), parts('one'), undefined)).rejects.toMatchObject({
    waitMs: 60_000,
  });
  expect(platform.calls).toEqual([]);
});
