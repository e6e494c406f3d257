import { newRequestId } from '../message/index.ts';
import { type Envelope, writeEntry } from './entry.ts';
import { ALL_SHARDS, keys } from './keys.ts';
import type { WakeQueue } from './queue.ts';
import type { RedisClient } from './redis.ts';
import { DROP_SCRIPT, REPLAY_SCRIPT } from './scripts/dead-letters.ts';
import { defineScript } from './scripts/run.ts';
import type { Head } from './turns.ts';

/** A turn that was given up: its answer could not be delivered, or could not be found. */
export interface DeadLetter {
  v: number;
  turn: string;
  envelope: Envelope;
  /** The questions it answered besides the envelope's. */
  also: Envelope[];
  /** JSON of the outcome whose delivery failed; absent: there is no answer, a replay asks the model again. */
  answer?: string | undefined;
  /** JSON of the receipts of the parts that did arrive. */
  receipts?: string | undefined;
  errorCode: string;
  attempts: number;
  /** Unix ms. */
  failedAt: number;
}

/** Dead letters kept of one tenant in one of the 16 shards: 16,000 in all. The oldest make room, and are counted. */
export const DEAD_LETTERS_KEPT = 1_000;

const VERSION = 1;
const PAGE_DEFAULT = 50;
const PAGE_MAX = 500;

/** What goes into `Completion.deadLetter`. */
export function writeDeadLetter(
  { envelope, also, record }: Head,
  failure: Pick<DeadLetter, 'answer' | 'receipts' | 'errorCode' | 'failedAt'>,
): string {
  const attempts = Number(record.attempts ?? 1);
  const letter: DeadLetter = { v: VERSION, turn: envelope.turn, envelope, also, attempts, ...failure };
  return JSON.stringify(letter);
}

export interface DeadLetters {
  /** Newest question first. `next` is the `before` of the following page; absent on the last. `limit` at most 500. */
  list(
    tenant: string,
    page?: { limit?: number | undefined; before?: string | undefined },
  ): Promise<{ letters: DeadLetter[]; next?: string }>;
  get(tenant: string, turn: string): Promise<DeadLetter | undefined>;
  /**
   * Sends it on its way again, as a new turn at the end of its conversation's mailbox: a recorded answer is delivered,
   * from the first part that had not arrived; without one the question is answered anew. The letter is gone then, so of
   * several replays at the same time one has an effect. `full`: too many messages wait in that conversation.
   */
  replay(tenant: string, turn: string): Promise<ReplayResult>;
  /** False: it is gone. */
  drop(tenant: string, turn: string): Promise<boolean>;
  /** By tenant: letters that are kept, and that ever had to make room. Tenants without any are absent. */
  counts(): Promise<Map<string, { kept: number; dropped: number }>>;
}

export type ReplayResult = { status: 'replayed'; turn: string } | { status: 'gone' } | { status: 'full' };

export interface DeadLettersOptions {
  redis: RedisClient;
  queue: WakeQueue;
  /** Waiting messages one conversation may have. */
  maxMailbox: number;
  now?: () => number;
}

export function createDeadLetters({ redis, queue, maxMailbox, now = Date.now }: DeadLettersOptions): DeadLetters {
  const runReplay = defineScript(redis, 'parleyReplay', REPLAY_SCRIPT);
  const runDrop = defineScript(redis, 'parleyDropDeadLetter', DROP_SCRIPT);
  const keysOf = (shard: number, tenant: string) => [
    keys.deadIndex(shard, tenant),
    keys.deadLetters(shard, tenant),
    keys.deadCounts(shard),
  ];

  async function get(tenant: string, turn: string): Promise<DeadLetter | undefined> {
    const found = await Promise.all(ALL_SHARDS.map((shard) => redis.hget(keys.deadLetters(shard, tenant), turn)));
    const letter = found.find((text) => text !== null);
    return letter ? (JSON.parse(letter) as DeadLetter) : undefined;
  }

  async function pageOf(shard: number, tenant: string, before: string | undefined, limit: number) {
    const newest = before === undefined ? '+' : `(${before}`;
    const turns = await redis.zrange(keys.deadIndex(shard, tenant), newest, '-', 'BYLEX', 'REV', 'LIMIT', 0, limit);
    if (turns.length === 0) return [];
    const letters = await redis.hmget(keys.deadLetters(shard, tenant), ...turns);
    return letters.flatMap((letter) => (letter === null ? [] : [JSON.parse(letter) as DeadLetter]));
  }

  return {
    get,
    async list(tenant, { limit = PAGE_DEFAULT, before } = {}) {
      const size = Math.min(Math.max(1, limit), PAGE_MAX);
      // One more than asked for tells whether there is another page.
      const pages = await Promise.all(ALL_SHARDS.map((shard) => pageOf(shard, tenant, before, size + 1)));
      const all = pages.flat().sort((a, b) => (a.turn < b.turn ? 1 : -1));
      const letters = all.slice(0, size);
      const last = letters.at(-1);
      return all.length > size && last ? { letters, next: last.turn } : { letters };
    },
    async replay(tenant, turn) {
      const letter = await get(tenant, turn);
      if (!letter) return { status: 'gone' };
      const { conversation } = letter.envelope;
      const { shard } = conversation;
      const next = againAs(newRequestId(now()), letter, now());
      const [status, wake] = (await runReplay(
        [
          ...keysOf(shard, tenant),
          keys.mailbox(conversation),
          keys.pending(shard),
          keys.depth(shard),
          keys.lock(conversation),
        ],
        [turn, tenant, conversation.id, writeEntry(next), now(), maxMailbox],
      )) as ['replayed' | 'gone' | 'full', number];
      if (status !== 'replayed') return { status };
      if (wake === 1) await queue.wake(conversation);
      return { status, turn: next.turn };
    },
    async drop(tenant, turn) {
      const letter = await get(tenant, turn);
      if (!letter) return false;
      return (await runDrop(keysOf(letter.envelope.conversation.shard, tenant), [turn, tenant])) === 1;
    },
    async counts() {
      const counts = new Map<string, { kept: number; dropped: number }>();
      const add = (field: 'kept' | 'dropped') => (byTenant: Record<string, string>) => {
        for (const [tenant, count] of Object.entries(byTenant)) {
          const sum = counts.get(tenant) ?? { kept: 0, dropped: 0 };
          counts.set(tenant, { ...sum, [field]: sum[field] + Number(count) });
        }
      };
      await Promise.all(
        ALL_SHARDS.flatMap((shard) => [
          redis.hgetall(keys.deadCounts(shard)).then(add('kept')),
          redis.hgetall(keys.deadDropped(shard)).then(add('dropped')),
        ]),
      );
      return counts;
    },
  };
}

/** The dead letter's question as a turn of its own: it joins no other, waits for nobody, and nobody can edit it. */
function againAs(turn: string, { envelope, also, answer, receipts }: DeadLetter, receivedAt: number): Envelope {
  const { merge: _merge, notBefore: _notBefore, names: _names, ...rest } = envelope;
  return { ...rest, turn, receivedAt, replay: { of: envelope.turn, answer, receipts, also } };
}
