import { eq, sql } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmptyPglite } from '../../../test/support/pglite.ts';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { type Config, parseConfig } from '../config/index.ts';
import { createSealer } from '../secrets/index.ts';
import {
  assertSchema,
  assertSchemaServes,
  channelContext,
  loadHistory,
  migrate,
  openContent,
  openStore,
  pruneTranscripts,
  recordTurns,
  rotateSecrets,
  SCHEMA_VERSION,
  type Store,
  schemaVersion,
  sealContent,
  syncConfig,
  type TurnRecord,
  tables,
} from './index.ts';

const sealer = createSealer(Buffer.alloc(32, 1));
const newSealer = createSealer(Buffer.alloc(32, 2));

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** A database with nothing in it. */
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

function configOf(changes: { key?: string; channels?: boolean; prompt?: string } = {}): Config {
  const result = parseConfig(
    JSON.stringify({
      version: 1,
      tenants: [{ id: 'acme', name: 'Acme', models: ['m'], system_prompt: changes.prompt ?? 'p\0q' }],
      channels:
        changes.channels === false
          ? []
          : [
              {
                id: 'tg',
                tenant: 'acme',
                platform: 'telegram',
                credentials: { bot_token: '1:tok', webhook_secret: 'w' },
              },
            ],
      models: [{ id: 'm', provider: 'openai', keys: [changes.key ?? 'sk-plain'], price: { input: 2.5, output: 1e-7 } }],
    }),
    {},
  );
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.config;
}

function turn(id: string, changes: Partial<TurnRecord> = {}): TurnRecord {
  return {
    id,
    tenant: 'acme',
    channel: 'tg',
    platform: 'telegram',
    conversation: 'c1',
    chatKind: 'group',
    user: 'u-1',
    kind: 'model',
    model: 'm',
    status: 'success',
    tokensIn: 10,
    tokensOut: 20,
    costMicroUsd: 5_000_000_000,
    responseMs: 1234.5,
    attempts: 1,
    createdAt: 1_000_000,
    finishedAt: 1_001_000,
    question: `q ${id}`,
    answer: `a ${id}`,
    timeline: [{ step: 'event' }],
    ...changes,
  };
}

describe.each(['pglite', 'postgres'] as const)('store on %s', (dialect) => {
  let store: Store;
  beforeAll(async () => {
    store = await openers[dialect]();
    await migrate(store);
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    for (const table of [tables.conversations, tables.tenants, tables.channels, tables.models])
      await store.db.delete(table);
  });

  it('answers', async () => {
    expect(store.dialect).toBe(dialect);
    await store.ping();
  });

  describe('schema', () => {
    beforeEach(async () => {
      await store.db.execute(sql`drop schema public cascade`);
      await store.db.execute(sql`create schema public`);
      await store.db.execute(sql`drop schema drizzle cascade`);
    });

    it('says what to do when it is missing, and is migrated once by many at a time', async () => {
      expect(await schemaVersion(store)).toBe(0);
      await expect(assertSchema(store)).rejects.toThrow(/version 0, .* run parley migrate/);
      await expect(assertSchemaServes(store)).rejects.toThrow(/version 0, .* run parley migrate/);
      const counts = await Promise.all(Array.from({ length: 5 }, () => migrate(store)));
      expect(counts.sort()).toEqual([0, 0, 0, 0, SCHEMA_VERSION]);
      expect(await schemaVersion(store)).toBe(SCHEMA_VERSION);
      await assertSchema(store);
    });

    it('refuses a newer one, unless it is in the midst of its work', async () => {
      await migrate(store);
      await store.db.execute(sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 9e12)`);
      const newer = { code: 'unavailable', message: expect.stringMatching(/newer hub/) };
      await expect(assertSchema(store)).rejects.toMatchObject(newer);
      await expect(migrate(store)).rejects.toMatchObject(newer);
      await assertSchemaServes(store);
      await store.db.execute(sql`delete from drizzle.__drizzle_migrations where hash = 'x'`);
    });
  });

  describe('syncConfig', () => {
    it('mirrors the configuration with its secrets sealed, and writes nothing twice', async () => {
      expect(await syncConfig(store, configOf(), sealer, () => 'file')).toEqual({ written: 3, deactivated: 0 });
      const everything = async () => ({
        tenants: await store.db.select().from(tables.tenants),
        channels: await store.db.select().from(tables.channels),
        models: await store.db.select().from(tables.models),
      });
      const before = await everything();
      const text = JSON.stringify(before);
      for (const secret of ['1:tok', 'sk-plain', 'webhook_secret']) expect(text).not.toContain(secret);
      const [channel] = before.channels;
      const opened = sealer.open(channel?.sealed ?? '', channelContext('acme', 'tg'));
      expect(JSON.parse(opened)).toEqual({ bot_token: '1:tok', webhook_secret: 'w' });
      expect(before.tenants).toMatchObject([{ tenant: 'acme', name: 'Acme', source: 'file', active: true }]);
      expect(before.models).toMatchObject([{ tenant: '*', id: 'm', provider: 'openai' }]);

      expect(await syncConfig(store, configOf(), sealer, () => 'file')).toEqual({ written: 0, deactivated: 0 });
      expect(await everything()).toEqual(before);
    });

    it('writes what changed, switches off what is gone and on again what returns', async () => {
      await syncConfig(store, configOf(), sealer, () => 'file');
      const changed = configOf({ key: 'sk-new', channels: false });
      expect(await syncConfig(store, changed, sealer, () => 'file')).toEqual({ written: 1, deactivated: 1 });
      expect(await store.db.select().from(tables.channels)).toMatchObject([{ id: 'tg', active: false }]);
      expect(await syncConfig(store, configOf({ key: 'sk-new' }), sealer, () => 'file')).toEqual({
        written: 1,
        deactivated: 0,
      });
      expect(await syncConfig(store, configOf({ key: 'sk-new' }), sealer, () => 'environment')).toMatchObject({
        written: 3,
      });
    });

    it('is safe from several processes at once', async () => {
      const results = await Promise.all(
        Array.from({ length: 6 }, () => syncConfig(store, configOf({ prompt: 'same' }), sealer, () => 'file')),
      );
      expect(results.reduce((sum, { written }) => sum + written, 0)).toBe(3);
    });
  });

  describe('rotateSecrets', () => {
    it('puts everything under the new key, once', async () => {
      await syncConfig(store, configOf(), sealer, () => 'file');
      await syncConfig(store, configOf({ channels: false }), sealer, () => 'file');
      expect(await rotateSecrets(store, sealer, newSealer)).toBe(2);
      expect(await rotateSecrets(store, sealer, newSealer)).toBe(0);
      const [channel] = await store.db.select().from(tables.channels);
      expect(newSealer.open(channel?.sealed ?? '', channelContext('acme', 'tg'))).toContain('1:tok');
      // The hashes moved along: nothing but the missing channel needs to be written.
      expect(await syncConfig(store, configOf(), newSealer, () => 'file')).toEqual({ written: 1, deactivated: 0 });
    });

    it('re-encrypts what was said, goes on after an interruption, and leaves what was never encrypted', async () => {
      const said = (id: string, under: typeof sealer) => sealContent(under, 'acme', 'c1', `said ${id}`);
      const ids = Array.from({ length: 1_203 }, (_, index) => `t${index}`);
      await recordTurns(
        store,
        ids.map((id, index) =>
          turn(id, { question: said(id, index < 700 ? newSealer : sealer), answer: 'v1.0 is out' }),
        ),
      );
      // The first 700 were done before it was interrupted.
      expect(await rotateSecrets(store, sealer, newSealer)).toBe(503);
      const rows = await store.db.select().from(tables.messages);
      const texts = rows.map(({ content }) => openContent(newSealer, 'acme', 'c1', content));
      expect(texts.sort()).toEqual([...ids.map((id) => `said ${id}`), ...ids.map(() => 'v1.0 is out')].sort());
      expect(await rotateSecrets(store, sealer, newSealer)).toBe(0);
    });

    it('works for a hub that opens both keys meanwhile', async () => {
      const both = createSealer(Buffer.alloc(32, 2), [Buffer.alloc(32, 1)]);
      await syncConfig(store, configOf(), sealer, () => 'file');
      await recordTurns(store, [turn('t1', { question: sealContent(sealer, 'acme', 'c1', 'before') })]);
      expect(await rotateSecrets(store, both, newSealer)).toBe(3);
      expect(await syncConfig(store, configOf(), both, () => 'file')).toEqual({ written: 0, deactivated: 0 });
    });

    it('changes nothing when one secret cannot be opened', async () => {
      await syncConfig(store, configOf(), sealer, () => 'file');
      await store.db
        .update(tables.models)
        .set({ sealed: newSealer.seal('x', 'y').replace(newSealer.keyId, sealer.keyId) });
      const before = await store.db.select().from(tables.channels);
      await expect(rotateSecrets(store, sealer, newSealer)).rejects.toThrow(/altered/);
      expect(await store.db.select().from(tables.channels)).toEqual(before);
    });
  });

  describe('recordTurns', () => {
    it('stores turns, messages and conversations, each once', async () => {
      const records = [turn('t1'), turn('t2', { createdAt: 2_000_000, finishedAt: 2_001_000 })];
      expect(await recordTurns(store, records)).toBe(2);
      expect(await recordTurns(store, [...records, turn('t3'), turn('t3')])).toBe(1);
      const stored = await store.db.select().from(tables.turns).where(eq(tables.turns.id, 't1'));
      expect(stored).toMatchObject([
        {
          tenant: 'acme',
          costMicroUsd: 5_000_000_000,
          responseMs: 1235,
          errorCode: null,
          timeline: [{ step: 'event' }],
        },
      ]);
      expect(await store.db.select().from(tables.messages)).toHaveLength(6);
      const [conversation] = await store.db.select().from(tables.conversations);
      expect(conversation).toMatchObject({ id: 'c1', createdAt: new Date(1_000_000), lastAt: new Date(2_001_000) });
    });

    it('stores what Postgres cannot hold in a form it can', async () => {
      const odd = 'a\0b\ud800c';
      const records = [
        turn('t1', { question: odd, timeline: [{ [odd]: [odd, undefined] }], tokensIn: Number.NaN, attempts: 1e9 }),
      ];
      expect(await recordTurns(store, records)).toBe(1);
      const [{ timeline } = { timeline: [] }] = await store.db.select().from(tables.turns);
      expect(timeline).toEqual([{ 'a\uFFFDb\uFFFDc': ['a\uFFFDb\uFFFDc', null] }]);
      const rows = await store.db.select().from(tables.messages).where(eq(tables.messages.role, 'user'));
      expect(rows).toMatchObject([{ content: 'a\uFFFDb\uFFFDc' }]);
    });

    it('takes large batches from several processes at once without losing or doubling a turn', async () => {
      const records = Array.from({ length: 1200 }, (_, index) => turn(`t${index}`, { conversation: `c${index % 7}` }));
      const mixed = [records, [...records].reverse(), records.slice(400)];
      const counts = await Promise.all(mixed.map((batch) => recordTurns(store, batch)));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1200);
      expect(await store.db.$count(tables.messages)).toBe(2400);
    });

    it('keeps nothing of a batch that fails, and quotes nobody', async () => {
      const bad = turn('t2', { user: null as never, timeline: ['my secret words'] });
      const failure = recordTurns(store, [turn('t1'), bad]);
      await expect(failure).rejects.toMatchObject({
        name: 'ParleyError',
        message: expect.not.stringMatching(/secret words/),
      });
      expect(await store.db.$count(tables.turns)).toBe(0);
    });

    it('takes an empty batch', async () => {
      expect(await recordTurns(store, [])).toBe(0);
    });
  });

  describe('pruneTranscripts', () => {
    const DAY_MS = 86_400_000;
    const rows = (table: typeof tables.messages | typeof tables.turns) => store.db.$count(table);

    it('deletes what was said before the days of each tenant, and keeps the turns', async () => {
      const now = 100 * DAY_MS;
      const said = (id: string, tenant: string, daysAgo: number) =>
        turn(id, { tenant, conversation: `of-${tenant}`, createdAt: now - daysAgo * DAY_MS });
      await recordTurns(store, [
        said('new', 'acme', 1),
        said('old', 'acme', 31),
        said('other', 'globex', 31),
        said('none', 'silent', 0.1),
      ]);
      const kept = [
        { tenant: 'acme', days: 30 },
        { tenant: 'globex', days: 60 },
        { tenant: 'silent', days: 0 },
      ];
      expect(await pruneTranscripts(store, kept, now)).toBe(4);
      const left = await store.db.select({ turn: tables.messages.turn }).from(tables.messages);
      expect([...new Set(left.map((row) => row.turn))].sort()).toEqual(['new', 'other']);
      expect(await rows(tables.turns)).toBe(4);
      expect(await pruneTranscripts(store, kept, now)).toBe(0);
    });
  });

  describe('loadHistory', () => {
    const at = (id: string, createdAt: number, changes: Partial<TurnRecord> = {}): TurnRecord =>
      turn(id, { createdAt, finishedAt: createdAt + 60_000, ...changes });

    it('gives the last messages in order, whole turns of this conversation and tenant only', async () => {
      await recordTurns(store, [
        at('z', 1000),
        at('y', 2000, { kind: 'failure', status: 'failed', answer: 'sorry' }),
        at('x', 3000),
        at('w', 4000),
        at('v', 5000, { conversation: 'c2' }),
        at('u', 6000, { tenant: 'other' }),
      ]);
      const all = ['q z', 'a z', 'q x', 'a x', 'q w', 'a w'];
      const contents = async (limit: number, since?: number) =>
        (await loadHistory(store, 'acme', 'c1', limit, since)).map(({ content }) => content);
      expect(await contents(100)).toEqual(all);
      expect(await contents(4)).toEqual(all.slice(2));
      expect(await contents(3)).toEqual(all.slice(4));
      expect(await contents(0)).toEqual([]);
      expect(await contents(100, 1000)).toEqual(all.slice(2));
      expect(await loadHistory(store, 'other', 'c1', 10)).toEqual([
        { role: 'user', content: 'q u' },
        { role: 'assistant', content: 'a u' },
      ]);
    });

    it('gives nothing from before the last reset', async () => {
      const here = { conversation: 'c3' };
      await recordTurns(store, [
        at('before', 1000, here),
        at('first reset', 2000, { ...here, kind: 'reset' }),
        at('between', 3000, here),
        at('second reset', 4000, { ...here, kind: 'reset' }),
        at('after', 5000, here),
      ]);
      const history = await loadHistory(store, 'acme', 'c3', 10);
      expect(history.map(({ content }) => content)).toEqual(['q after', 'a after']);
    });
  });
});
