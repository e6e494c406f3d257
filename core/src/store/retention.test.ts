import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmptyPglite } from '../../../test/support/pglite.ts';
import { startPostgres } from '../../../test/support/postgres.ts';
import {
  auditDays,
  migrate,
  openStore,
  pruneEnded,
  pruneRecords,
  recordLedger,
  recordTurns,
  type Store,
  type TurnRecord,
  tables,
} from './index.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-21T12:00:00Z');
const ago = (days: number) => new Date(NOW - days * DAY_MS);

function turn(id: string, tenant: string, daysAgo: number): TurnRecord {
  const at = ago(daysAgo).getTime();
  return {
    id,
    tenant,
    channel: 'tg',
    platform: 'telegram',
    conversation: `c${daysAgo}`,
    chatKind: 'group',
    user: 'u',
    kind: 'model',
    status: 'success',
    tokensIn: 1,
    tokensOut: 1,
    costMicroUsd: 1,
    responseMs: 1,
    attempts: 1,
    createdAt: at,
    finishedAt: at,
    question: 'q',
    answer: 'a',
    timeline: [],
  };
}

describe.each(['pglite', 'postgres'] as const)('what is kept no longer, on %s', (dialect) => {
  let store: Store;
  const stops: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    if (dialect === 'postgres') {
      const postgres = await startPostgres();
      stops.push(() => postgres.stop());
      store = await openStore({ databaseUrl: postgres.url });
    } else store = await openEmptyPglite();
    stops.unshift(() => store.close());
    await migrate(store);
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });
  beforeEach(async () => {
    const { conversations, ledger, users, apiKeys } = tables;
    for (const table of [conversations, ledger, users, apiKeys]) await store.db.delete(table);
  });

  it('goes by the days of its tenant: turns with their words, empty conversations, the ledger', async () => {
    const many = Array.from({ length: 1_100 }, (_, index) => turn(`old${index}`, 'acme', 11));
    await recordTurns(store, [...many, turn('young', 'acme', 9), turn('theirs', 'other', 11)]);
    const row = (requestId: string, tenant: string, days: number) => ({
      tenant,
      requestId,
      platform: 'slack' as const,
      user: 'u',
      status: 'success' as const,
      inputTokens: 1,
      cachedInputTokens: 0,
      outputTokens: 1,
      costMicroUsd: 1,
      estimated: false,
      cached: false,
      unreconciled: false,
      at: ago(days).getTime(),
    });
    await recordLedger(store, [row('1', 'acme', 101), row('2', 'acme', 99), row('1', 'other', 101)]);
    const kept = [
      { tenant: 'acme', turns: 10, ledger: 100 },
      { tenant: 'other', turns: 12, ledger: 102 },
    ];
    expect(await pruneRecords(store, kept, NOW)).toEqual({ turns: 1_100, conversations: 1, ledger: 1 });
    expect(await pruneRecords(store, kept, NOW)).toEqual({ turns: 0, conversations: 0, ledger: 0 });
    const left = await store.db.select({ id: tables.turns.id }).from(tables.turns);
    expect(left.map(({ id }) => id).sort()).toEqual(['theirs', 'young']);
    expect(await store.db.$count(tables.messages)).toBe(4);
  });

  it('what has ended goes after a while: sessions, tokens, keys', async () => {
    await store.db.insert(tables.users).values({ id: 'u', username: 'ann' });
    const session = (id: string, expiresAt: Date) => ({
      idHash: id,
      publicId: id,
      user: 'u',
      method: 'password' as const,
      createdAt: ago(5),
      lastSeenAt: ago(5),
      expiresAt,
      ip: '::1',
      userAgent: '',
    });
    await store.db.insert(tables.userSessions).values([session('past', ago(2)), session('now', ago(-1))]);
    const token = (id: string, over: object) => ({
      id,
      user: 'u',
      name: id,
      prefix: id,
      hash: id,
      createdAt: ago(500),
      ...over,
    });
    const ends = [{ revokedAt: ago(91) }, { revokedAt: ago(89) }, { expiresAt: ago(91) }, { expiresAt: ago(-1) }, {}];
    await store.db.insert(tables.accessTokens).values(ends.map((over, index) => token(`t${index}`, over)));
    await store.db
      .insert(tables.apiKeys)
      .values(ends.map((over, index) => ({ ...token(`k${index}`, over), tenant: 'acme', scopes: [] })));
    expect(await pruneEnded(store, NOW)).toBe(5);
    expect(await store.db.$count(tables.userSessions)).toBe(1);
    expect(await store.db.$count(tables.accessTokens)).toBe(3);
    expect(await store.db.$count(tables.apiKeys)).toBe(3);
  });

  it('the days of the audit log are those that the configuration last said', async () => {
    const base = { source: 'file' as const, digest: 'd' };
    await store.db.insert(tables.tenants).values([
      { ...base, tenant: 'acme', settings: { audit: { days: 45 } } },
      { ...base, tenant: 'bare', settings: {} },
    ]);
    expect(await auditDays(store)).toEqual([{ tenant: 'acme', days: 45 }]);
  });
});
