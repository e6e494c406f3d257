import fc from 'fast-check';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openEmptyPglite } from '../../../test/support/pglite.ts';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { createAudit } from '../audit/index.ts';
import { createSealer } from '../secrets/index.ts';
import {
  countTurnsByError,
  createApiKey,
  findApiKey,
  lastPlatformOf,
  latestAnchor,
  listApiKeys,
  listAudit,
  listConversations,
  listMessages,
  listTurns,
  loadHistory,
  loadTurnWords,
  migrate,
  openContent,
  openStore,
  recordLedger,
  recordTurns,
  revokeApiKey,
  rotateSecrets,
  type Store,
  sealContent,
  sumTurns,
  type TurnRecord,
  turnSeries,
  usageBy,
} from './index.ts';

/** What the console asks the database, on both kinds of database. */
const sealer = createSealer(Buffer.alloc(32, 1));
const newSealer = createSealer(Buffer.alloc(32, 2));
const ANCHOR = { id: 'm1', chat: { id: 'c', kind: 'direct' } };
const HOUR = 3_600_000;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function freshDatabase(): Promise<string> {
  const name = `db_${Math.random().toString(36).slice(2)}`;
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return postgres.url.replace('/postgres?', `/${name}?`);
}

const openers = {
  pglite: openEmptyPglite,
  postgres: async () => openStore({ databaseUrl: await freshDatabase() }),
};

function turn(id: string, changes: Partial<TurnRecord> = {}): TurnRecord {
  const { tenant = 'acme', conversation = `${tenant}.c1`, createdAt = 1_000_000 } = changes;
  return {
    id,
    tenant,
    channel: 'tg',
    platform: 'telegram',
    conversation,
    chatKind: 'direct',
    user: 'u_1',
    kind: 'model',
    model: 'm',
    status: 'success',
    tokensIn: 1,
    tokensOut: 2,
    costMicroUsd: 3,
    responseMs: 100,
    attempts: 1,
    createdAt,
    finishedAt: createdAt + 100,
    question: sealContent(sealer, tenant, conversation, `q ${id}`, ANCHOR),
    answer: sealContent(sealer, tenant, conversation, `a ${id}`),
    timeline: [{ atMs: 0, what: 'received' }],
    ...changes,
  };
}

describe.each(Object.entries(openers))('on %s', (_name, open) => {
  let store: Store;
  afterEach(() => store.close());

  async function fresh(records: readonly TurnRecord[] = []): Promise<Store> {
    store = await open();
    await migrate(store);
    await recordTurns(store, records);
    return store;
  }

  it('pages through the turns of several tenants without a gap, also where times are equal', async () => {
    const records = Array.from({ length: 40 }, (_, i) =>
      turn(`t${String(i).padStart(2, '0')}`, {
        tenant: ['acme', 'globex', 'third'][i % 3] ?? '',
        createdAt: 1_000 * (i >> 2),
      }),
    );
    const order = records
      .filter(({ tenant }) => tenant !== 'third')
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    await fresh(records);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 11 }), async (limit) => {
        const seen: string[] = [];
        for (let after: { at: number; id: string } | undefined; ; ) {
          const rows = await listTurns(store, ['acme', 'globex'], {}, { limit, after });
          seen.push(...rows.map(({ id }) => id));
          const last = rows.at(-1);
          if (!last) break;
          after = { at: last.createdAt.getTime(), id: last.id };
        }
        expect(seen).toEqual(order);
      }),
      { numRuns: 6 },
    );
    expect(await listTurns(store, [], {}, { limit: 5 })).toEqual([]);
  });

  it('filters turns by everything there is', async () => {
    await fresh([
      turn('aa1', { user: 'u_2', responseMs: 900, createdAt: 5_000 }),
      turn('aa2', { status: 'failed', kind: 'failure', errorCode: 'model_timeout', model: undefined }),
      turn('b%_', { channel: 'sl', platform: 'slack', conversation: 'acme.c2' }),
    ]);
    const ids = async (filters: Parameters<typeof listTurns>[2]) =>
      (await listTurns(store, ['acme'], filters, { limit: 10 })).map(({ id }) => id);
    expect(await ids({ user: 'u_2' })).toEqual(['aa1']);
    expect(await ids({ errorCode: 'model_timeout', kind: 'failure', status: 'failed' })).toEqual(['aa2']);
    expect(await ids({ channel: 'sl', platform: 'slack', conversation: 'acme.c2', model: 'm' })).toEqual(['b%_']);
    expect(await ids({ idPrefix: 'aa' })).toEqual(['aa2', 'aa1']);
    expect(await ids({ idPrefix: '%' })).toEqual([]);
    expect(await ids({ minResponseMs: 500 })).toEqual(['aa1']);
    expect(await ids({ from: new Date(4_000), to: new Date(6_000) })).toEqual(['aa1']);
    expect(await lastPlatformOf(store, 'acme', 'u_2')).toBe('telegram');
    expect(await lastPlatformOf(store, 'globex', 'u_2')).toBeUndefined();
  });

  it('counts turns by how they ended, of the tenants and the filters asked for', async () => {
    await fresh([
      turn('a', { errorCode: 'model_timeout', responseMs: 2_000, createdAt: 5_000 }),
      turn('b', { errorCode: 'model_timeout', responseMs: 1_001, createdAt: 5_000 }),
      turn('c', { responseMs: 1_500, createdAt: 5_000 }),
      turn('fast', { responseMs: 900, createdAt: 5_000 }),
      turn('before', { responseMs: 1_500, createdAt: 1_000 }),
      turn('else', { tenant: 'globex', responseMs: 1_500, createdAt: 5_000 }),
    ]);
    const filters = { platform: 'telegram', minResponseMs: 1_000, from: new Date(2_000) };
    expect(await countTurnsByError(store, ['acme'], filters, 10)).toEqual([
      { errorCode: 'model_timeout', turns: 2, meanResponseMs: 1501 },
      { errorCode: null, turns: 1, meanResponseMs: 1500 },
    ]);
    expect(await countTurnsByError(store, ['acme'], filters, 1)).toHaveLength(1);
    expect(await countTurnsByError(store, [], filters, 10)).toEqual([]);
  });

  it('gives the words of a turn with where it stood, to its tenant only, also after a change of the master key', async () => {
    await fresh([turn('t1'), turn('t2', { question: undefined, answer: undefined })]);
    expect(await loadTurnWords(store, sealer, 'acme', 't1')).toEqual({
      question: 'q t1',
      answer: 'a t1',
      anchor: ANCHOR,
    });
    const nothing = { question: undefined, answer: undefined, anchor: undefined };
    expect(await loadTurnWords(store, sealer, 'acme', 't2')).toEqual(nothing);
    expect(await loadTurnWords(store, sealer, 'globex', 't1')).toEqual(nothing);
    await rotateSecrets(store, sealer, newSealer);
    expect(await loadTurnWords(store, newSealer, 'acme', 't1')).toMatchObject({ question: 'q t1', anchor: ANCHOR });
  });

  it('lists conversations with their latest question and how much was said', async () => {
    await fresh([
      turn('t1', { conversation: 'acme.old' }),
      turn('t2', { conversation: 'acme.new', createdAt: 2_000_000, user: 'u_9' }),
      turn('t3', {
        conversation: 'acme.new',
        createdAt: 3_000_000,
        kind: 'human',
        question: undefined,
        timeline: [{ atMs: 0, what: 'operator', detail: { by: 'Olga' } }],
      }),
      turn('t4', { tenant: 'globex' }),
    ]);
    const list = (filters: object, tenants = ['acme']) =>
      listConversations(store, sealer, tenants, filters, { limit: 10 });
    expect(await list({})).toMatchObject([
      { id: 'acme.new', turns: 2, lastText: 'q t2', lastAt: new Date(3_000_100) },
      { id: 'acme.old', turns: 1, lastText: 'q t1' },
    ]);
    const ids = async (filters: object) => (await list(filters)).map(({ id }) => id);
    expect(await ids({ search: 'u_9' })).toEqual(['acme.new']);
    expect(await ids({ search: 'e.ol' })).toEqual(['acme.old']);
    expect(await ids({ ids: ['acme.old', 'globex.c1'] })).toEqual(['acme.old']);
    expect(await ids({ ids: [] })).toEqual([]);
    expect(await ids({ exceptIds: ['acme.old'] })).toEqual(['acme.new']);
    const said = await listMessages(store, sealer, { tenant: 'acme', id: 'acme.new' }, { limit: 2 });
    expect(said.map(({ role, content, by }) => [role, content, by])).toEqual([
      ['assistant', 'a t3', 'Olga'],
      ['assistant', 'a t2', undefined],
    ]);
    const [, last] = said;
    const after = { at: last?.at.getTime() ?? 0, id: last?.id ?? 0 };
    const rest = await listMessages(store, sealer, { tenant: 'acme', id: 'acme.new' }, { limit: 5, after });
    expect(rest.map(({ content }) => content)).toEqual(['q t2']);
    const open = (content: string) => openContent(sealer, 'acme', 'acme.new', content);
    // A model that is asked later knows what a person said in its place.
    expect((await loadHistory(store, 'acme', 'acme.new', 9, undefined, open)).map(({ content }) => content)).toEqual([
      'q t2',
      'a t2',
      'a t3',
    ]);
    expect(await latestAnchor(store, sealer, { tenant: 'acme', id: 'acme.new' })).toEqual(ANCHOR);
    expect(await latestAnchor(store, sealer, { tenant: 'globex', id: 'acme.new' })).toBeUndefined();
  });

  it('sums up a period by platform, tenant and time', async () => {
    const times = [10, 20, 30, 40, 1_000];
    await fresh([
      ...times.map((responseMs, i) => turn(`t${i}`, { responseMs, createdAt: i * HOUR })),
      turn('x', { tenant: 'globex', platform: 'slack', status: 'failed', createdAt: HOUR }),
      turn('h', { kind: 'human', responseMs: 99_999, status: 'success', createdAt: HOUR }),
      turn('late', { createdAt: 5 * HOUR }),
      turn('third', { tenant: 'third' }),
    ]);
    const period = { from: new Date(0), to: new Date(5 * HOUR) };
    const { all, byPlatform, byTenant } = await sumTurns(store, ['acme', 'globex'], period);
    expect(all).toMatchObject({ messages: 7, success: 6, failed: 1, denied: 0, costMicroUsd: 21, tokensIn: 7 });
    expect(byTenant).toMatchObject([
      { tenant: 'acme', messages: 6, p50Ms: 30, p95Ms: 808 },
      { tenant: 'globex', messages: 1, failed: 1 },
    ]);
    expect(byPlatform).toMatchObject([
      { platform: 'telegram', messages: 6 },
      { platform: 'slack', messages: 1 },
    ]);
    const series = await turnSeries(store, ['acme', 'globex'], period, 3_600);
    expect(series.map(({ at, messages }) => [at / HOUR, messages])).toEqual([
      [0, 1],
      [1, 3],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    expect((await sumTurns(store, ['acme'], { from: new Date(0), to: new Date(1) })).all).toMatchObject({
      messages: 1,
    });
    expect((await sumTurns(store, ['nobody'], period)).all).toMatchObject({ messages: 0, p50Ms: null });
    expect((await sumTurns(store, [], period)).all.messages).toBe(0);
  });

  it('sums up the ledger by day, tenant, model, person and channel', async () => {
    await fresh([turn('r1')]);
    const row = (requestId: string, over: object = {}) => ({
      requestId,
      tenant: 'acme',
      platform: 'telegram' as const,
      user: 'u_1',
      model: 'm',
      status: 'success' as const,
      inputTokens: 10,
      cachedInputTokens: 4,
      outputTokens: 5,
      costMicroUsd: 100,
      estimated: false,
      cached: false,
      unreconciled: false,
      at: Date.parse('2026-11-20T23:30:00Z'),
      ...over,
    });
    await recordLedger(store, [
      row('r1'),
      row('r2', { apiKey: 'web', at: Date.parse('2026-11-21T01:00:00Z') }),
      row('r3', { model: undefined, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, costMicroUsd: 0 }),
      row('r4', { tenant: 'globex', costMicroUsd: 7 }),
    ]);
    const by = (groups: ('day' | 'tenant' | 'model' | 'user' | 'channel')[], over: object = {}) =>
      usageBy(store, {
        tenants: ['acme'],
        from: new Date('2026-11-01'),
        to: new Date('2026-12-01'),
        timezone: 'UTC',
        maxRows: 10,
        groups,
        ...over,
      });
    expect(await by(['day'])).toMatchObject([
      { day: '2026-11-20', requests: 1, tokensIn: 10, cachedTokens: 4, costMicroUsd: 100 },
      { day: '2026-11-21', requests: 1 },
    ]);
    expect(await by(['day'], { timezone: 'Asia/Shanghai' })).toMatchObject([{ day: '2026-11-21', requests: 2 }]);
    expect(await by(['channel'])).toMatchObject([{ channel: '' }, { channel: 'tg', requests: 1 }, { channel: 'web' }]);
    expect(await by(['tenant', 'model'], { tenants: ['acme', 'globex'] })).toMatchObject([
      { tenant: 'acme', model: '', requests: 0 },
      { tenant: 'acme', model: 'm', requests: 2 },
      { tenant: 'globex', model: 'm', costMicroUsd: 7 },
    ]);
    await expect(by(['day'], { maxRows: 1 })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('pages through the audit logs of several tenants', async () => {
    await fresh();
    const entry = (tenant: string, action: string, at: number) => ({
      tenant,
      actor: 'olga',
      action,
      target: 'x/y',
      at,
    });
    await createAudit(store).append([
      entry('acme', 'turn:write', 1_000),
      entry('acme', 'channel:write', 2_000),
      entry('globex', 'turn:write', 2_000),
      entry('third', 'turn:write', 2_000),
      { ...entry('acme', 'turn:write', 3_000), detail: { a: 1 } },
    ]);
    const seen: string[] = [];
    for (let after: { at: number; tenant: string; seq: number } | undefined; ; ) {
      const [row] = await listAudit(store, ['acme', 'globex'], {}, { limit: 1, after });
      if (!row) break;
      seen.push(`${row.tenant} ${row.seq}`);
      after = { at: row.at.getTime(), tenant: row.tenant, seq: row.seq };
    }
    expect(seen).toEqual(['acme 3', 'acme 2', 'globex 1', 'acme 1']);
    const found = await listAudit(store, ['acme'], { action: 'turn:*', target: 'x/*', actor: 'olga' }, { limit: 5 });
    expect(found.map(({ seq, detail }) => [seq, detail])).toEqual([
      [3, { a: 1 }],
      [1, null],
    ]);
  });

  it('keeps API keys as hashes, and ends them once', async () => {
    await fresh();
    const key = (id: string, createdAt: number) => ({
      ...{ tenant: 'acme', id, name: id, createdBy: 'olga', prefix: 'pk_12345678', hash: `hash of ${id}` },
      scopes: ['chat' as const],
      limits: { minute: 5 },
      createdAt: new Date(createdAt),
    });
    await createApiKey(store, sealer, { ...key('k1', 1_000), signingSecret: 'a secret' });
    const shown = await createApiKey(store, sealer, key('k2', 2_000));
    expect(shown).toMatchObject({ id: 'k2', limits: { minute: 5 }, revokedAt: null });
    expect(JSON.stringify(shown)).not.toContain('hash');
    expect((await listApiKeys(store, ['acme'], { limit: 5 })).map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(await listApiKeys(store, ['globex'], { limit: 5 })).toEqual([]);
    expect(await findApiKey(store, sealer, { hash: 'hash of k1' })).toMatchObject({ signingSecret: 'a secret' });
    expect(await revokeApiKey(store, 'globex', 'k1', 5_000)).toBe(false);
    expect(await revokeApiKey(store, 'acme', 'k1', 5_000)).toBe(true);
    expect(await revokeApiKey(store, 'acme', 'k1', 9_000)).toBe(true);
    expect(await findApiKey(store, sealer, { hash: 'hash of k1' })).toMatchObject({ revokedAt: 5_000 });
  });
});

it('opens what was sealed with and without an attachment, and what was never sealed', () => {
  const open = (content: string) => openContent(sealer, 'acme', 'c', content);
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (text, attached) => {
      const sealed = sealContent(sealer, 'acme', 'c', text, attached ? ANCHOR : undefined);
      expect(open(sealed)).toBe(text.replaceAll('\0', '\uFFFD'));
    }),
  );
  expect(open('plain words')).toBe('plain words');
});
