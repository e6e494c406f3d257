import { and, eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEmptyPglite } from '../../../test/support/pglite.ts';
import { startPostgres } from '../../../test/support/postgres.ts';
import { migrate, openStore, recordTurns, type Store, tables } from '../store/index.ts';
import { type Audit, createAudit } from './index.ts';

const DAY_MS = 86_400_000;

describe.each(['pglite', 'postgres'] as const)('the audit log on %s', (dialect) => {
  let store: Store;
  let audit: Audit;
  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    if (dialect === 'postgres') {
      const postgres = await startPostgres();
      stops.push(() => postgres.stop());
      store = await openStore({ databaseUrl: postgres.url });
    } else store = await openEmptyPglite();
    stops.unshift(() => store.close());
    await migrate(store);
    audit = createAudit(store);
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });
  beforeEach(async () => {
    await store.db.delete(tables.audit);
    await store.db.delete(tables.auditChains);
  });

  const entry = (i: number, over: object = {}) => ({
    tenant: 'acme',
    actor: 'u_alice',
    action: 'turn:denied',
    target: `turn-${i}`,
    detail: { reason: 'rate', i },
    at: Date.now() - 10 * DAY_MS + i,
    ...over,
  });
  const fill = (count: number) => audit.append(Array.from({ length: count }, (_, i) => entry(i)));
  const change = (seq: number, set: object) =>
    store.db
      .update(tables.audit)
      .set(set)
      .where(and(eq(tables.audit.tenant, 'acme'), eq(tables.audit.seq, seq)));

  test('holds, for each tenant by itself, also with several writers at once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, i) => audit.append([entry(i), entry(i, { tenant: 'other' })])));
    expect(await audit.verify()).toEqual({ faults: [], records: 16 });
    expect(await audit.verify('other')).toEqual({ faults: [], records: 8 });
  });

  test('any change of a record is found and named', async () => {
    await fill(6);
    const changes = {
      at: new Date(0),
      actor: 'u_mallory',
      action: 'nothing',
      target: 'elsewhere',
      detail: '{"reason":"none"}',
      salt: 'ab',
      detailHash: 'cd',
      previousHash: 'ef',
      hash: '01',
    };
    const field = fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[]));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), field, async (seq, name) => {
        const where = and(eq(tables.audit.tenant, 'acme'), eq(tables.audit.seq, seq));
        const [before] = await store.db.select().from(tables.audit).where(where);
        await change(seq, { [name]: changes[name] });
        const { faults } = await audit.verify();
        // A changed hash shows in its own record.
        expect(faults).toMatchObject([{ tenant: 'acme', seq }]);
        await store.db
          .update(tables.audit)
          .set(before as object)
          .where(where);
        expect((await audit.verify()).faults).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('a record that is taken out or put elsewhere is found, also at the end', async () => {
    await fill(5);
    await store.db.delete(tables.audit).where(eq(tables.audit.seq, 5));
    expect((await audit.verify()).faults).toMatchObject([{ seq: 5 }]);
    await store.db.delete(tables.audit).where(eq(tables.audit.seq, 2));
    expect((await audit.verify()).faults).toMatchObject([{ seq: 2, fault: 'record 2 is missing' }]);
  });

  test('old records go, and the rest still hangs together', async () => {
    await fill(4);
    await audit.append([entry(9, { at: Date.now() })]);
    expect(await audit.prune([{ tenant: 'acme', days: 5 }], Date.now())).toBe(4);
    expect(await audit.verify()).toEqual({ faults: [], records: 1 });
    await audit.append([entry(10, { at: Date.now() })]);
    expect(await audit.verify()).toEqual({ faults: [], records: 2 });
  });

  test('are deleted by several processes at once without a break', async () => {
    await fill(50);
    await audit.append([entry(99, { at: Date.now() })]);
    const prune = () => audit.prune([{ tenant: 'acme', days: 5 }], Date.now());
    const gone = await Promise.all(Array.from({ length: 8 }, prune));
    expect(gone.reduce((sum, count) => sum + count)).toBe(50);
    expect(await audit.verify()).toEqual({ faults: [], records: 1 });
  });

  test('a person is erased: no words remain, the chain holds, and the act is on record', async () => {
    await recordTurns(store, [
      {
        id: 'turn-of-alice',
        tenant: 'acme',
        channel: 'c',
        platform: 'slack',
        conversation: 'conv',
        chatKind: 'direct',
        user: 'u_alice',
        kind: 'model',
        status: 'success',
        tokensIn: 1,
        tokensOut: 1,
        costMicroUsd: 0,
        responseMs: 1,
        attempts: 1,
        createdAt: 1,
        finishedAt: 2,
        question: 'my secret',
        answer: 'your secret',
        timeline: [{ what: 'received' }],
      },
    ]);
    await fill(3);
    expect(await audit.eraseUser('acme', 'u_alice', 'admin')).toEqual({ messages: 2, records: 3 });
    expect(await audit.verify()).toEqual({ faults: [], records: 4 });
    const lines: string[] = [];
    for await (const line of audit.exportLines('acme')) lines.push(line);
    expect(lines.map((line) => JSON.parse(line).detail)).toEqual([null, null, null, { messages: 2, records: 3 }]);
    const left = await store.db.execute(sql`select count(*)::int as n from messages`);
    expect(JSON.stringify(left)).toContain('"n":0');
    // What was erased cannot be put back as something else.
    await change(1, { detail: '{"forged":true}' });
    expect((await audit.verify()).faults).toMatchObject([{ seq: 1 }]);
  });
});
